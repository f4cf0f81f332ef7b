import fc from 'fast-check';
import type { MaskKind, Step, Story } from '../../src/testing/story/steps.ts';
import { possibleStory } from '../../src/testing/story/story.ts';

/** More changes of the mask find nothing more. */
const MOST_CHANGES = 2;

const kind = fc.constantFrom<MaskKind>('well', 'well', 'slow', 'failing');

/** The same story behind a mask, which the application may replace in the middle. */
export const masked = (story: Story): fc.Arbitrary<Story> =>
  fc
    .record({
      mask: kind,
      changes: fc.array(fc.record({ place: fc.nat(story.length), to: kind }), {
        maxLength: MOST_CHANGES,
      }),
    })
    .map(({ mask, changes }) => {
      const steps: Step[] = story.map((step) => (step.do === 'start' ? { ...step, mask } : step));
      for (const { place, to } of changes) steps.splice(place, 0, { do: 'setMask', to });
      return possibleStory(steps);
    });
