import { describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { AgentKind, Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];
const BOTH_ON: readonly Step[] = [...CAMERA_ON, { do: 'share', what: 'screen' }];
const NEW_PICTURE: Step = { do: 'show', what: 'camera' };

const start = (agent: AgentKind): Step => ({ do: 'start', agent });
const handOff = (to: AgentKind): Step => ({ do: 'handOff', to });

/** The promises that the story breaks. */
async function broken(...steps: readonly Step[]): Promise<string[]> {
  const { failures } = await runStory(story(steps));
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

describe('turns after a hand-off', () => {
  test.each([
    ['gemini', 'pipeline'],
    ['openai', 'pipeline'],
    ['pipeline', 'gemini'],
    ['pipeline', 'openai'],
    ['gemini', 'openai'],
  ] as const)(
    'each turn after a hand-off from %s to %s and back is answered with the newest picture',
    async (from, to) => {
      const turn: Step[] = [NEW_PICTURE, { do: 'type' }];
      const thereAndBack = [handOff(to), ...turn, handOff(from), ...turn];
      expect(await broken(start(from), ...CAMERA_ON, { do: 'type' }, ...thereAndBack)).toEqual([]);
    },
  );

  test.each(['textOnly', 'voiceOnly'] as const)(
    'a conversation goes on without pictures after a hand-off to a model that takes none: %s',
    async (kind) => {
      const turn: Step[] = [NEW_PICTURE, { do: 'type' }];
      const steps = [handOff(kind), ...turn, handOff('pipeline'), ...turn];
      expect(await broken(...CAMERA_ON, { do: 'type' }, ...steps)).toEqual([]);
    },
  );
});

describe('looks of a tool', () => {
  test('looks at camera and screen in one step show both, and the next turns the newest source', async () => {
    const looks: Step = { do: 'type', tools: ['lookAtCamera', 'lookAtScreen'] };
    const without: Step[] = [{ do: 'unshare', what: 'screen' }, { do: 'type' }];
    expect(await broken(...BOTH_ON, looks, { do: 'type' }, ...without)).toEqual([]);
  });

  test('a look that the user interrupts leaves the next turn its own picture', async () => {
    const cutOff: Step[] = [
      { do: 'type', tools: ['look', 'slow'], wait: false },
      { do: 'still', ms: 100 },
      { do: 'interrupt' },
    ];
    expect(await broken(...CAMERA_ON, ...cutOff, NEW_PICTURE, { do: 'type' })).toEqual([]);
  });

  test('a look in the last answer before a hand-off is shown to the agent that made it', async () => {
    const leaving: Step[] = [
      { do: 'handOff', to: 'pipeline', wait: false },
      { do: 'type', tools: ['lookAtCamera'] },
      { do: 'type' },
    ];
    expect(await broken(...BOTH_ON, ...leaving)).toEqual([]);
  });

  test('a look that a hand-off interrupts leaves nothing on the agent', async () => {
    const cutOff: Step[] = [
      { do: 'handOff', to: 'textOnly', wait: false },
      { do: 'type', tools: ['lookAtCamera'] },
    ];
    expect(await broken(...CAMERA_ON, ...cutOff)).toEqual([]);
  });
});

describe('the end of a call', () => {
  test('a call that ends while an interrupted look waits for another tool leaves nothing on the agent', async () => {
    const cutOff: Step[] = [
      { do: 'type', tools: ['look', 'slow'], wait: false },
      { do: 'still', ms: 50 },
      { do: 'interrupt' },
      { do: 'type' },
      { do: 'close' },
    ];
    expect(await broken(...CAMERA_ON, handOff('textOnly'), ...cutOff)).toEqual([]);
  });
});

describe('a picture that is taken away from a realtime model', () => {
  test.each(['gemini', 'openai'] as const)(
    'of %s just before a question does not take the question with it',
    async (agent) => {
      const round: Step[] = [
        { do: 'share', what: 'camera' },
        { do: 'type' },
        { do: 'unshare', what: 'camera', wait: false },
        { do: 'type' },
      ];
      expect(
        await broken(start(agent), { do: 'join' }, ...round, ...round, ...round, ...round),
      ).toEqual([]);
    },
  );
});

describe('a connection to the model that is lost', () => {
  test.each([
    ['gemini', 1000],
    ['gemini', 1006],
    ['gemini', 1011],
    ['openai', 1006],
    ['openai', 1011],
  ] as const)(
    'a lost connection of %s with code %i is replaced, and the next turn has its picture',
    async (agent, code) => {
      const steps: Step[] = [{ do: 'type' }, { do: 'drop', code }, NEW_PICTURE, { do: 'type' }];
      expect(await broken(start(agent), ...CAMERA_ON, ...steps)).toEqual([]);
    },
  );

  test.each(['gemini', 'openai'] as const)(
    'a text that is typed to %s while its connection is lost is answered with the picture',
    async (agent) => {
      const round: Step[] = [{ do: 'drop', code: 1000, wait: false }, { do: 'type' }];
      expect(
        await broken(start(agent), ...CAMERA_ON, ...round, NEW_PICTURE, ...round, ...round),
      ).toEqual([]);
    },
  );

  test.each(['gemini', 'openai'] as const)(
    'a lost connection of %s that is refused for a while is replaced',
    async (agent) => {
      const steps: Step[] = [
        { do: 'type' },
        { do: 'refuse', how: '503', ms: 100 },
        NEW_PICTURE,
        { do: 'type' },
      ];
      expect(await broken(start(agent), ...CAMERA_ON, ...steps)).toEqual([]);
    },
  );
});
