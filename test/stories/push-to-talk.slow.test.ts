import { expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import { AGENT_KINDS, type Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const RELEASE: Step = { do: 'press', end: 'release' };
const CANCEL: Step = { do: 'press', end: 'cancel' };

test.each(AGENT_KINDS)(
  'an agent keeps its promises to a user with a button, before and after a hand-off to %s',
  async (to) => {
    const turns: Step[] = [CANCEL, RELEASE, { do: 'mute', what: 'camera' }, RELEASE];
    const { promises, failures } = await runStory(
      story([
        { do: 'join' },
        { do: 'share', what: 'camera' },
        { ...RELEASE, tools: ['look'] },
        { do: 'handOff', to },
        ...turns,
        { do: 'unmute', what: 'camera' },
        { do: 'press', end: 'release', wait: false },
        { do: 'handOff', to: 'pipeline' },
        RELEASE,
      ]),
    );
    expect(failures.map(({ step, message }) => `step ${step}: ${message}`)).toEqual([]);
    expect(promises.answered.checked).toBeGreaterThanOrEqual(4);
  },
);
