import { describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { AgentKind, Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];
const OFF: Step = { do: 'modeByUser', mode: 'off' };
const ON: Step = { do: 'modeByUser', mode: 'sampled' };

/** The promises that the story breaks. */
async function broken(agent: AgentKind, ...steps: readonly Step[]): Promise<string[]> {
  const { failures } = await runStory(story([{ do: 'start', agent }, ...CAMERA_ON, ...steps]));
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

describe('a user switches the video from their page', () => {
  test.each(['pipeline', 'gemini', 'openai'] as const)(
    'no turn of %s has a picture while the user has the video off, and each has one otherwise',
    async (agent) => {
      const turn: Step[] = [{ do: 'show', what: 'camera' }, { do: 'type' }];
      expect(await broken(agent, ...turn, OFF, ...turn, ON, ...turn)).toEqual([]);
    },
  );

  test('a turn that is under way when the user switches the video off keeps its promises', async () => {
    const steps: Step[] = [{ do: 'type', wait: false }, OFF, { do: 'type' }];
    expect(await broken('pipeline', ...steps)).toEqual([]);
  });

  test('a guest whom the agent does not serve switches nothing', async () => {
    const steps: Step[] = [
      { do: 'join', who: 'guest' },
      { ...OFF, who: 'guest' },
      { do: 'type' },
      { do: 'setParticipant', who: 'guest' },
      OFF,
      { ...OFF, who: 'guest' },
      { do: 'setParticipant' },
      { do: 'type' },
      ON,
      { do: 'type' },
    ];
    expect(await broken('pipeline', ...steps)).toEqual([]);
  });

  test('a story reports an agent that does not let the user switch the video', async () => {
    const steps: Step[] = [...CAMERA_ON, OFF];
    const { failures } = await runStory(story(steps), { video: { control: 'none' } });
    expect(failures).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/modeByUser: Method not supported/),
      }),
    ]);
  });
});
