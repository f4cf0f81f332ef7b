import { beforeAll, describe, expect, test } from 'vitest';
import { runStory } from '../../src/testing/story/run-story.ts';
import type { AvatarKind, Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';
import { measured } from '../support/measured.ts';

const begin = (avatar: AvatarKind): Step[] => [
  { do: 'join' },
  { do: 'start', agent: 'pipeline', avatar },
];
const say: Step = { do: 'say', ms: 1200 };
/** The next step happens while the agent speaks. */
const speaking: Step = { do: 'say', ms: 2400, wait: false };

/** Plays a story, which must break nothing, until each of its speeches is judged. */
function play(steps: readonly Step[], { withoutVideo = false } = {}): Promise<void> {
  return measured(async () => {
    const { promises, failures } = await runStory(story(steps), { withoutVideo });
    expect(
      failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`),
    ).toEqual([]);
    const { checked, unmeasured } = promises.heard;
    expect(checked + unmeasured).toBe(steps.filter((step) => step.do === 'say').length);
    return unmeasured > 0 ? `sound was lost during ${unmeasured} speeches` : undefined;
  });
}

// The first speech of a process loads libraries, during which a small machine loses sound.
beforeAll(async () => {
  await runStory(story([...begin('well'), say]));
});

describe('what an agent says is heard once, whole and in order, in a story', () => {
  test.for<[string, AvatarKind, Step[]]>([
    ['of a user who interrupts it', 'well', [speaking, { do: 'bargeIn' }, say]],
    ['of two answers in quick succession', 'well', [{ ...say, wait: false }, say]],
    [
      'of an avatar that does not take the interruption',
      'refusesClear',
      [speaking, { do: 'bargeIn' }, { ...say, wait: false }, say],
    ],
    ['of an avatar that dies in a word', 'well', [speaking, { do: 'avatarDies' }, say]],
    ['of an avatar that dies in silence', 'well', [say, { do: 'avatarDies' }, say, say]],
    [
      'of an avatar that dies in silence, and does not report its ends',
      'withoutReports',
      [{ do: 'avatarDies' }, { do: 'say', ms: 2400 }, say],
    ],
    ['of an avatar that leaves in a word', 'well', [speaking, { do: 'avatarLeaves' }, say]],
    [
      'of an avatar that is swapped while it speaks',
      'well',
      [speaking, { do: 'avatarSwapped', to: 'another' }, say],
    ],
    ['of an avatar that is dismissed', 'well', [say, { do: 'avatarSwapped', to: 'none' }, say]],
    ['of an avatar that comes late', 'late', [say]],
    ['of an avatar without a picture', 'withoutVideo', [say]],
    ['of an avatar that was refused once', 'refusedOnce', [say]],
    ['that ends while the agent speaks', 'well', [speaking, { do: 'close' }]],
  ])('%s', async ([_, avatar, steps]) => {
    await play([...begin(avatar), ...steps]);
  });

  test('the story also runs without Sightline, if there is no avatar', async () => {
    const steps: Step[] = [...begin('well'), speaking, { do: 'bargeIn' }, say];
    await play(steps, { withoutVideo: true });
  });
});
