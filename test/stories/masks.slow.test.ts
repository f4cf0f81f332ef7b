import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame, VideoOutput, type VideoProcessor, VideoSession } from '../../src/index.ts';
import { markedFrame, markMask } from '../../src/testing/story/masks.ts';
import { runStory, type StoryOptions } from '../../src/testing/story/run-story.ts';
import { MASK_KINDS, type MaskKind, type Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];
const turn: readonly Step[] = [{ do: 'show', what: 'camera' }, { do: 'type' }];

/** What no model may see. */
const UNMASKED = markedFrame(3, 0);

afterEach(() => vi.restoreAllMocks());

/** Plays a story whose pictures have a part that the mask hides. */
async function play(
  {
    agent = 'pipeline',
    mask = 'well',
  }: { agent?: 'pipeline' | 'gemini' | 'openai'; mask?: MaskKind },
  steps: readonly Step[],
  video?: StoryOptions['video'],
) {
  const whole = story([{ do: 'start', agent, mask }, ...CAMERA_ON, ...steps]);
  const { promises, failures } = await runStory(whole, video ? { video } : {});
  expect(promises.masked.checked).toBeGreaterThan(0);
  return failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`);
}

/** A failure of any step. */
const withoutStep = (failure: string) => failure.replace(/, step \d+/, '');

describe('what a mask hides is in no picture of a story', () => {
  test.each(
    (['pipeline', 'gemini', 'openai'] as const).flatMap((agent) =>
      MASK_KINDS.map((mask) => [agent, mask] as const),
    ),
  )('the model of %s sees nothing of what a mask hides (%s)', async (agent, mask) => {
    const steps: Step[] = [
      { do: 'watch' },
      { do: 'publish' },
      ...turn,
      { do: 'turnPhone' },
      { do: 'type', tools: ['look'] },
      { do: 'look' },
      { do: 'mute', what: 'camera' },
      { do: 'unmute', what: 'camera' },
      ...turn,
    ];
    expect(await play({ agent, mask }, steps)).toEqual([]);
  });

  test.each(['gemini', 'openai'] as const)(
    'a turn of %s shows the screen if the camera is muted while a slow mask covers its last frame',
    async (agent) => {
      const steps: Step[] = [
        { do: 'share', what: 'screen' },
        { do: 'mute', what: 'camera', wait: false },
        { do: 'type' },
      ];
      expect(await play({ agent, mask: 'slow' }, steps)).toEqual([]);
    },
  );

  test('an agent sees nothing of what a mask hides while the application replaces the mask', async () => {
    const replaced = MASK_KINDS.flatMap((to): Step[] => [
      { do: 'type', wait: false },
      { do: 'setMask', to },
      { do: 'type' },
    ]);
    expect(await play({}, [...replaced, { do: 'handOff', to: 'gemini' }, ...replaced])).toEqual([]);
  });
});

describe('a fault of a mask in a story', () => {
  test.each<[string, 'pipeline' | 'gemini' | 'openai']>([
    ['the request of question 1 to pipeline', 'pipeline'],
    ['a frame for gemini', 'gemini'],
    ['a frame for openai', 'openai'],
    ['the picture of latestFrame()', 'pipeline'],
    ['the picture of look()', 'pipeline'],
    ['the picture of look({ region })', 'pipeline'],
    ['the picture of the model of the watch', 'pipeline'],
    ['the picture of an act of the watch', 'pipeline'],
    ['the picture of the output', 'pipeline'],
    ['the picture of the inspector', 'pipeline'],
  ])('the oracle finds what a mask should hide in %s', async (where, agent) => {
    const steps: Step[] = [{ do: 'watch' }, { do: 'publish' }, ...turn, { do: 'look' }];
    const failures = await play({ agent }, steps, {
      input: { processors: [] },
    });
    expect(failures).toContainEqual(expect.stringContaining(`${where} shows what the mask hides`));
  });

  test('the oracle finds the only frame that reaches a watch without its mask', async () => {
    const { look } = VideoSession.prototype;
    vi.spyOn(VideoSession.prototype, 'look').mockImplementationOnce(async function (
      this: VideoSession,
    ) {
      const seen = await look.call(this);
      return { ...seen, frame: UNMASKED, encode: (options) => encodeFrame(UNMASKED, options) };
    });
    const failures = await play({}, [{ do: 'watch' }, ...turn, ...turn]);
    expect(failures.map(withoutStep)).toEqual([
      'masked: the picture of an act of the watch shows what the mask hides',
      'masked: the picture of the model of the watch shows what the mask hides',
    ]);
  });

  test('the oracle finds the only frame that an output publishes without its mask', async () => {
    const { show } = VideoOutput.prototype;
    let isShown: Promise<boolean> | undefined;
    const showing = vi.spyOn(VideoOutput.prototype, 'show').mockImplementation(async function (
      this: VideoOutput,
      picture,
    ) {
      isShown ??= show.call(this, UNMASKED);
      // A newer picture would take its place.
      await isShown;
      return show.call(this, picture);
    });
    const failures = await play({}, [{ do: 'publish' }, ...turn, ...turn]);
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures)
      expect(failure).toMatch('the picture of the output shows what the mask hides');
    expect(showing.mock.calls.length).toBeGreaterThan(1);
  });

  test('the oracle finds the only frame that a mask forgets to cover', async () => {
    const { process, ...own } = markMask('well');
    let left = 0;
    const forgetful: VideoProcessor = {
      ...own,
      process: (frame, context) => (left++ === 0 ? frame : process(frame, context)),
    };
    const failures = await play({}, turn, { input: { processors: [forgetful] } });
    expect(failures).toContainEqual(expect.stringMatching(/shows what the mask hides/));
    expect(left).toBeGreaterThan(1);
  });
});
