import { FrameProcessor, type VideoFrame } from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WHOLE } from '../../src/frames/picture-place.ts';
import {
  annotate,
  caption,
  mask,
  OptionError,
  type ProcessorError,
  type VideoProcessor,
} from '../../src/index.ts';
import { ProcessorChain } from '../../src/processors/processor-chain.ts';
import { type AnyProcessor, checkedProcessors } from '../../src/processors/video-processor.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { keepBusy } from '../support/busy.ts';

const REF = {
  id: 1,
  trackSid: 'TR_1',
  identity: 'ada',
  source: 'camera',
  width: 96,
  height: 64,
  receivedAt: 0,
} as const;

function chainOf(...processors: AnyProcessor[]) {
  const failures: ProcessorError[] = [];
  const chain = new ProcessorChain(checkedProcessors('processors', processors), (error) =>
    failures.push(error),
  );
  const levels: (number | undefined)[] = [];
  const pass = async (frame = greyFrame(5)) => (await chain.process(frame, REF))?.frame ?? null;
  return { chain, failures, levels, pass };
}

const processor = (
  process: VideoProcessor['process'],
  more: Partial<VideoProcessor> = {},
): VideoProcessor => ({ name: 'test', process, ...more });

const brightness = (frame: VideoFrame | null): number | undefined => frame?.data[0];

/** One that changes the frame in place. */
const painter = (luma: number) =>
  processor((frame) => {
    frame.data.fill(luma, 0, 96 * 64);
    return frame;
  });

afterEach(() => vi.useRealTimers());

test('processors run in order, each on what the one before returned', async () => {
  const seen: (number | undefined)[] = [];
  const spy = processor((frame) => {
    seen.push(brightness(frame));
    return frame;
  });
  const { pass } = chainOf(spy, painter(40), spy, painter(60), spy);
  expect(brightness(await pass())).toBe(60);
  expect(seen).toEqual([116, 40, 60]);
});

test('a processor that keeps its frame cannot change what left it', async () => {
  const kept: VideoFrame[] = [];
  const keeper = processor((frame) => {
    kept.push(frame);
    return frame;
  });
  const { pass } = chainOf(keeper);
  const passed = await pass();
  for (const frame of kept) frame.data.fill(0);
  expect(brightness(passed)).toBe(116);
});

const keeping = (kept: VideoFrame[]) => (frame: VideoFrame) => {
  kept.push(frame);
  return [];
};

test.each([
  ['mask', (kept: VideoFrame[]) => [mask(keeping(kept))]],
  ['annotate', (kept: VideoFrame[]) => [annotate(keeping(kept))]],
  [
    'a processor before a caption without a text',
    (kept: VideoFrame[]) => [
      processor((frame) => {
        kept.push(frame);
        return frame;
      }),
      caption(''),
      caption(''),
    ],
  ],
  [
    'a processor after a mask of nothing',
    (kept: VideoFrame[]) => [
      mask([]),
      processor((frame) => {
        kept.push(frame);
        return frame;
      }),
    ],
  ],
])('a function of %s that keeps its frame cannot change what left it', async (_, made) => {
  const kept: VideoFrame[] = [];
  const passed = await chainOf(...made(kept)).pass();
  expect(kept).toHaveLength(1);
  for (const frame of kept) frame.data.fill(0);
  expect(brightness(passed)).toBe(116);
});

test('a processor learns where the frame comes from, and that its time is over', async () => {
  let signal: AbortSignal | undefined;
  const { pass } = chainOf(
    processor(async (frame, context) => {
      signal = context.signal;
      expect(context).toMatchObject({ ...REF, signal: { aborted: false } });
      return frame;
    }),
  );
  await pass();
  expect(signal?.aborted).toBe(true);
});

describe('a frame is withheld', () => {
  const wrong = 'picture' as unknown as VideoFrame;
  test.each<[string, VideoProcessor['process'], string]>([
    [
      'a processor that throws',
      () => {
        throw new Error('no model');
      },
      'no model',
    ],
    ['a processor that rejects', () => Promise.reject(new Error('no model')), 'no model'],
    ['a processor that returns no frame', () => wrong, 'neither a VideoFrame nor null'],
    ['a processor that forgets to return', () => undefined as unknown as null, 'neither'],
    ['a processor that never ends', () => new Promise(() => {}), 'longer than 20 ms'],
    [
      'a processor that blocks for too long',
      (frame) => {
        keepBusy(30);
        return frame;
      },
      'longer than 20 ms',
    ],
  ])('by %s, which is reported once', async (_, process, reason) => {
    const { pass, failures } = chainOf(processor(process, { timeoutMs: 20 }), painter(40));
    expect(await pass()).toBeNull();
    expect(await pass()).toBeNull();
    expect(failures.map(({ code, processor: name, message }) => [code, name, message])).toEqual([
      ['processor', 'test', expect.stringContaining(reason)],
    ]);
  });

  test('by null, which is no failure', async () => {
    const { pass, failures } = chainOf(processor(() => null));
    expect(await pass()).toBeNull();
    expect(failures).toEqual([]);
  });

  test('at once if four earlier frames are still being processed', async () => {
    let calls = 0;
    const { pass, failures } = chainOf(
      processor(
        () => {
          calls++;
          return new Promise(() => {});
        },
        { timeoutMs: 1 },
      ),
    );
    for (let frame = 0; frame < 6; frame++) expect(await pass()).toBeNull();
    expect(calls).toBe(4);
    expect(failures.at(-1)?.message).toContain('4 earlier frames are still being processed');
  });

  test('no longer once those frames are done, however often it was late', async () => {
    const ends: (() => void)[] = [];
    let isSlow = true;
    const { pass } = chainOf(
      processor(
        (frame) =>
          new Promise((resolve) => {
            if (isSlow) ends.push(() => resolve(frame));
            else resolve(frame);
          }),
        { timeoutMs: 1000 },
      ),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let frame = 0; frame < 4; frame++) {
      const passed = pass();
      await vi.advanceTimersByTimeAsync(1000);
      expect(await passed).toBeNull();
    }
    isSlow = false;
    expect(await pass()).toBeNull();
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(0);
    expect(brightness(await pass())).toBe(116);
  });
});

test('a processor that works again, and fails again, is reported again', async () => {
  let fails = true;
  const { pass, failures } = chainOf(
    processor((frame) => {
      if (fails) throw new Error('no model');
      return frame;
    }),
  );
  await pass();
  fails = false;
  expect(await pass()).not.toBeNull();
  fails = true;
  await pass();
  expect(failures).toHaveLength(2);
});

describe("a FrameProcessor of rtc-node's class", () => {
  class Painter extends FrameProcessor<VideoFrame> {
    enabled = true;
    isEnabled = () => this.enabled;
    setEnabled = (enabled: boolean) => {
      this.enabled = enabled;
    };
    process(frame: VideoFrame): VideoFrame {
      frame.data.fill(40, 0, 96 * 64);
      return frame;
    }
    close(): void {}
  }

  test('a FrameProcessor of rtc-node processes frames', async () => {
    expect(brightness(await chainOf(new Painter()).pass())).toBe(40);
  });

  test('a FrameProcessor of rtc-node that is disabled withholds frames', async () => {
    const painter = new Painter();
    painter.setEnabled(false);
    expect(await chainOf(painter).pass()).toBeNull();
  });
});

test.each<[string, unknown]>([
  ['processors', 'mask'],
  ['processors[0]', [() => null]],
  ['processors[0]', [null]],
  ['processors[0]', [{ process: () => null }]],
  ['processors[0].maxFps', [{ name: 'a', process: () => null, maxFps: 0 }]],
  ['processors[0].timeoutMs', [{ name: 'a', process: () => null, timeoutMs: '1 s' }]],
])('a wrong processor is an error that names it: %s', (option, value) => {
  const check = () => checkedProcessors('processors', value as AnyProcessor[]);
  expect(check).toThrow(OptionError);
  expect(check).toThrow(`${option} is`);
});

test('two crops leave a part of a part, at its place in the first frame', async () => {
  const half = { x: 0.5, y: 0, width: 0.5, height: 0.5 };
  const cut = (): VideoProcessor => processor((frame) => frame, { shownRegion: () => half });
  const { chain } = chainOf(cut(), painter(40), cut());
  expect((await chain.process(greyFrame(5), REF))?.area).toEqual({
    ...{ x: 0.75, y: 0, width: 0.25, height: 0.25 },
  });
});

test('a processor gets the size of its own frame, not of the first one', async () => {
  const sizes: unknown[] = [];
  const { pass } = chainOf(
    processor(() => greyFrame(5, { width: 32, height: 16 })),
    processor(
      (frame, { width, height }) => {
        sizes.push([width, height]);
        return frame;
      },
      {
        shownRegion: (size) => {
          sizes.push(size);
          return WHOLE;
        },
      },
    ),
  );
  await pass();
  expect(sizes).toEqual([[32, 16], expect.objectContaining({ width: 32, height: 16 })]);
});

test('a chain waits as long between two frames as its slowest processor asks for', () => {
  const same = (frame: VideoFrame) => frame;
  expect(chainOf().chain.intervalMs).toBe(0);
  expect(chainOf(processor(same)).chain.intervalMs).toBe(0);
  const slow = [processor(same, { maxFps: 5 }), processor(same, { maxFps: 2 }), processor(same)];
  expect(chainOf(...slow).chain.intervalMs).toBe(500);
});

test('a processor that replaces another one gets the next frame, and reports its own failures', async () => {
  const fail = processor(() => {
    throw new Error('no model');
  });
  const { chain, failures, pass } = chainOf(fail);
  await pass();
  const again = checkedProcessors('processors', [fail]);
  chain.replace(again);
  await pass();
  chain.replace(again);
  await pass();
  expect(failures).toHaveLength(3);
  chain.replace(checkedProcessors('processors', [painter(40)]));
  expect(brightness(await pass())).toBe(40);
  chain.replace([]);
  expect(chain.isActive).toBe(false);
  expect(brightness(await pass())).toBe(116);
});

test('a processor that is late learns that its result is no longer needed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const signals: AbortSignal[] = [];
  const { pass } = chainOf(
    processor(
      (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
      { timeoutMs: 50 },
    ),
  );
  const passed = pass();
  vi.advanceTimersByTime(49);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await passed).toBeNull();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(vi.getTimerCount()).toBe(0);
});
