import fc from 'fast-check';
import type { MaskKind, Step, Story } from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** More changes of the mask find nothing more. */
const MOST_CHANGES = 2;

const kind = fc.constantFrom<MaskKind>('well', 'well', 'slow', 'failing');

/** What else the application does with the pictures, each in half of the stories. */
const uses = fc.subarray<Step>([{ do: 'watch' }, { do: 'publish' }]);

/**
 * The same story behind a mask, which the application may replace in the middle. The application
 * may also watch the video, and publish it.
 */
export const masked = (story: Story): fc.Arbitrary<Story> =>
  fc
    .record({
      mask: kind,
      changes: fc.array(fc.record({ place: fc.nat(story.length), to: kind }), {
        maxLength: MOST_CHANGES,
      }),
      used: fc.record({ place: fc.nat(story.length), uses }),
    })
    .map(({ mask, changes, used }) => {
      const steps: Step[] = story.map((step) => (step.do === 'start' ? { ...step, mask } : step));
      for (const { place, to } of changes) steps.splice(place, 0, { do: 'setMask', to });
      const start = steps.findIndex((step) => step.do === 'start');
      steps.splice(Math.max(start + 1, used.place), 0, ...used.uses);
      return possibleStory(steps);
    });
