import { describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { AgentKind, Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const guest = { who: 'guest' } as const;
const BOTH_SHOW: readonly Step[] = [
  { do: 'join' },
  { do: 'share', what: 'camera' },
  { do: 'join', ...guest },
  { do: 'share', what: 'camera', ...guest },
];

/** The promises that the story breaks. */
async function broken(agent: AgentKind, ...steps: readonly Step[]): Promise<string[]> {
  const { failures } = await runStory(story([{ do: 'start', agent }, ...BOTH_SHOW, ...steps]));
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

describe('another participant becomes the linked one', () => {
  test.each(['pipeline', 'gemini', 'openai'] as const)(
    'each turn of %s shows the participant who is linked at that moment',
    async (agent) => {
      const steps: Step[] = [
        { do: 'type' },
        { do: 'setParticipant', ...guest },
        { do: 'type' },
        { do: 'show', what: 'camera', ...guest },
        { do: 'type' },
        { do: 'setParticipant' },
        { do: 'type' },
      ];
      expect(await broken(agent, ...steps)).toEqual([]);
    },
  );

  test('a turn that is under way shows nothing of the participant who was linked before', async () => {
    const steps: Step[] = [
      { do: 'type', wait: false },
      { do: 'setParticipant', ...guest },
      { do: 'type' },
    ];
    expect(await broken('pipeline', ...steps)).toEqual([]);
  });

  test('an answer after a look shows nothing of the participant who was linked before', async () => {
    const steps: Step[] = [
      { do: 'type', tools: ['look', 'slow'], wait: false },
      { do: 'still', ms: 80 },
      { do: 'setParticipant', ...guest },
    ];
    expect(await broken('pipeline', ...steps)).toEqual([]);
  });

  test('the oracle finds a picture of the participant who was linked before', async () => {
    const steps: Step[] = [...BOTH_SHOW, { do: 'setParticipant', ...guest }, { do: 'type' }];
    // Stays with the user, whatever the link.
    const video = { input: { source: { identity: 'user' } } } as const;
    const { failures } = await runStory(story(steps), { video });
    expect(failures.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/picture . of the camera of user: not served/),
    );
  });

  test('a linked participant who left is shown again when they join again', async () => {
    const steps: Step[] = [{ do: 'leave' }, { do: 'type' }, { do: 'join' }];
    const back: Step[] = [{ do: 'share', what: 'camera' }, { do: 'type' }];
    const linked: Step = { do: 'setParticipant' };
    expect(await broken('pipeline', linked, ...steps, ...back)).toEqual([]);
  });
});
