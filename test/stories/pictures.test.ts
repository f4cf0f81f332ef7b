import { describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];

/** The promises that a story broke. Also checks that they were tested at all. */
async function play(steps: readonly Step[]) {
  const { promises, failures } = await runStory(story(steps));
  expect(promises.answered.checked).toBeGreaterThan(0);
  expect(promises.nothingLeft.checked).toBe(1);
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

describe('a pipeline keeps its promises in a story', () => {
  test('a pipeline keeps its promises while a camera shows one picture after the other', async () => {
    const turn: Step[] = [{ do: 'show', what: 'camera' }, { do: 'type' }];
    expect(await play([...CAMERA_ON, ...turn, ...turn, { do: 'speak' }])).toEqual([]);
  });

  test('a pipeline keeps its promises while a camera is muted, unmuted and turned', async () => {
    const steps: Step[] = [
      { do: 'type' },
      { do: 'mute', what: 'camera' },
      { do: 'type' },
      { do: 'unmute', what: 'camera' },
      { do: 'turnPhone' },
      { do: 'type' },
    ];
    expect(await play([...CAMERA_ON, ...steps])).toEqual([]);
  });

  test('a pipeline keeps its promises while the application switches video off and on', async () => {
    const steps: Step[] = [
      { do: 'type', wait: false },
      { do: 'mode', mode: 'off' },
      { do: 'type' },
      { do: 'mode', mode: 'sampled' },
      { do: 'type' },
    ];
    expect(await play([...CAMERA_ON, ...steps])).toEqual([]);
  });

  test('a pipeline keeps its promises with a guest whose camera the agent must not see', async () => {
    const steps: Step[] = [
      { do: 'join', who: 'guest' },
      { do: 'share', who: 'guest', what: 'camera' },
      { do: 'type' },
      { do: 'unshare', what: 'camera' },
      { do: 'type' },
    ];
    expect(await play([...CAMERA_ON, ...steps])).toEqual([]);
  });

  test('a pipeline keeps its promises in a call that ends during a turn', async () => {
    expect(await play([...CAMERA_ON, { do: 'type', wait: false }, { do: 'close' }])).toEqual([]);
  });
});

describe('the oracle', () => {
  test('the oracle finds a missing picture if the story is played without video', async () => {
    const { failures } = await runStory(story([...CAMERA_ON, { do: 'type' }]), {
      withoutVideo: true,
    });
    expect(failures).toEqual([
      expect.objectContaining({
        promise: 'seen',
        step: 3,
        message: expect.stringMatching(/no picture/),
      }),
    ]);
  });

  test('the oracle finds a missing picture if the options keep it out of the turn', async () => {
    const video = { input: { source: 'screen' } } as const;
    const { failures } = await runStory(story([...CAMERA_ON, { do: 'type' }]), { video });
    expect(failures.map(({ promise }) => promise)).toEqual(['seen']);
  });
});
