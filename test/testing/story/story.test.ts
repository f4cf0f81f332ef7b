import { describe, expect, test } from 'vitest';
import { TestingError } from '../../../src/testing/errors.ts';
import type { Step } from '../../../src/testing/story/steps.ts';
import { possibleStory, story } from '../../../src/testing/story/story.ts';

/** Steps with mistakes that a user may make. */
const steps = (...given: readonly unknown[]) => given as readonly Step[];

describe('a story', () => {
  test('a story begins with a pipeline unless it names the first agent', () => {
    expect(story([{ do: 'join' }])).toEqual([{ do: 'start', agent: 'pipeline' }, { do: 'join' }]);
  });

  test('a story keeps the place of the start that it names', () => {
    const given = steps({ do: 'join' }, { do: 'start', agent: 'gemini' }, { do: 'type' });
    expect(story(given)).toEqual(given);
  });

  test.each([
    [steps({ do: 'dance' }), /steps\[0\] .*there is no such step: its `do` is one of start, join/],
    [
      steps({ do: 'join' }, { do: 'mute', what: 'camera' }),
      /steps\[1\] .*user does not share the camera: share the camera first/,
    ],
    [steps({ do: 'share', what: 'camera' }), /user is not in the room: let user join first/],
    [
      steps({ do: 'join' }, { do: 'share', what: 'window' }),
      /what is "window": give one of "camera", "screen"/,
    ],
    [steps({ do: 'join', whom: 'guest' }), /unknown field whom: it takes who/],
    [steps({ do: 'still', ms: -1 }), /ms is -1: give a number from 0 to 60000/],
    [steps({ do: 'type', tools: ['walk'] }), /tools is \["walk"\]: give a list of look/],
    [steps({ do: 'type', wait: true }), /wait is true: give false, or leave it out/],
    [steps({ do: 'close' }, { do: 'type' }), /comes after close: make close the last step/],
    [steps({ do: 'type' }, { do: 'start', agent: 'pipeline' }), /comes before the agent starts/],
    [steps({ do: 'modeByUser', mode: 'off' }), /user is not in the room: let user join first/],
    [steps({ do: 'setParticipant', who: 'guest' }), /guest is not in the room: let guest join/],
    [steps({ do: 'drop', code: 1006 }), /needs a model with a connection: hand off to gemini/],
    [
      steps({ do: 'start', agent: 'pipeline', attachBudgetMs: -1 }),
      /attachBudgetMs is -1: give a number from 0 to 60000/,
    ],
    [steps({ do: 'setMask', to: 'slow' }), /needs a mask: start with one/],
    [steps({ do: 'watch' }), /needs a mask: start with one/],
    [
      steps({ do: 'start', agent: 'pipeline', mask: 'well' }, { do: 'publish' }, { do: 'publish' }),
      /steps\[2\] .*comes again: leave one publish out/,
    ],
    [steps({ do: 'start', agent: 'textOnly' }), /agent is "textOnly": give one of "pipeline"/],
  ])(
    'a story that cannot be played is refused with the step and the remedy: %j',
    (given, message) => {
      expect(() => story(given)).toThrow(TestingError);
      expect(() => story(given)).toThrow(message);
    },
  );

  test('a story without some of its steps keeps the steps that are still possible', () => {
    const left = possibleStory([
      { do: 'mute', what: 'camera' },
      { do: 'join' },
      { do: 'share', what: 'camera' },
      { do: 'drop', code: 1006 },
      { do: 'close' },
      { do: 'type' },
    ]);
    expect(left.map((step) => step.do)).toEqual(['start', 'join', 'share', 'close']);
  });
});
