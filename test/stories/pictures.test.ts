import { describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];

/** What a story broke; and that it was checked at all. */
async function play(steps: readonly Step[]) {
  const { promises, failures } = await runStory(story(steps));
  expect(promises.answered.checked).toBeGreaterThan(0);
  expect(promises.nothingLeft.checked).toBe(1);
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

describe('a pipeline keeps its promises in a story', () => {
  test('of a camera that shows one picture after the other', async () => {
    const turn: Step[] = [{ do: 'show', what: 'camera' }, { do: 'type' }];
    expect(await play([...CAMERA_ON, ...turn, ...turn, { do: 'speak' }])).toEqual([]);
  });

  test('of a camera that is muted, unmuted and turned', async () => {
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

  test('of video that the application switches off and on', async () => {
    const steps: Step[] = [
      { do: 'type', wait: false },
      { do: 'mode', mode: 'off' },
      { do: 'type' },
      { do: 'mode', mode: 'sampled' },
      { do: 'type' },
    ];
    expect(await play([...CAMERA_ON, ...steps])).toEqual([]);
  });

  test('of a guest whose camera is never for the agent', async () => {
    const steps: Step[] = [
      { do: 'join', who: 'guest' },
      { do: 'share', who: 'guest', what: 'camera' },
      { do: 'type' },
      { do: 'unshare', what: 'camera' },
      { do: 'type' },
    ];
    expect(await play([...CAMERA_ON, ...steps])).toEqual([]);
  });

  test('that ends in the middle of a turn', async () => {
    expect(await play([...CAMERA_ON, { do: 'type', wait: false }, { do: 'close' }])).toEqual([]);
  });
});

describe('the oracle', () => {
  test('finds that nothing is seen, if the story is played without video', async () => {
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

  test('finds a picture that the options keep out of the turn', async () => {
    const video = { input: { source: 'screen' } } as const;
    const { failures } = await runStory(story([...CAMERA_ON, { do: 'type' }]), { video });
    expect(failures.map(({ promise }) => promise)).toEqual(['seen']);
  });
});
