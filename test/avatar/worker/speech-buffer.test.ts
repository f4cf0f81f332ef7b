import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Blink } from '../../../src/avatar/worker/blink.ts';
import { Mouth, mouthOpening } from '../../../src/avatar/worker/mouth.ts';
import { PcmFramer } from '../../../src/avatar/worker/pcm-framer.ts';
import { SegmentLedger } from '../../../src/avatar/worker/segment-ledger.ts';
import { SpeechBuffer } from '../../../src/avatar/worker/speech-buffer.ts';

const sample = fc.integer({ min: -32_768, max: 32_767 });

test('speech after a clear is taken from its first sample', async () => {
  const buffer = new SpeechBuffer(1000);
  const speech = (level: number) => new AudioFrame(new Int16Array(10).fill(level), 8000, 1, 10);
  await buffer.push(speech(1));
  expect(buffer.take(4).samples).toHaveLength(4);
  buffer.clear();
  await buffer.push(speech(2));
  await buffer.push(new voice.AudioSegmentEnd());
  expect(buffer.take(20)).toEqual({ samples: new Int16Array(10).fill(2), isEnd: true });
});

test('the mouth opens between 0 and 1, and wider for louder speech', () => {
  const sound = fc.array(sample, { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(sound, fc.double({ min: 0, max: 1, noNaN: true }), (samples, gain) => {
      const loud = mouthOpening(Int16Array.from(samples));
      const soft = mouthOpening(Int16Array.from(samples, (value) => Math.trunc(value * gain)));
      expect(loud).toBeGreaterThanOrEqual(soft);
      expect(soft).toBeGreaterThanOrEqual(0);
      expect(loud).toBeLessThanOrEqual(1);
    }),
  );
});

test('silence closes the mouth, loud speech opens it wide', () => {
  expect(mouthOpening(new Int16Array(0))).toBe(0);
  expect(mouthOpening(new Int16Array(960))).toBe(0);
  expect(mouthOpening(new Int16Array(960).fill(20))).toBe(0);
  expect(mouthOpening(new Int16Array(960).fill(20_000))).toBe(1);
});

test('a mouth opens at once and closes quickly', () => {
  const mouth = new Mouth();
  expect(mouth.move(0.9, 40)).toBe(0.9);
  const closing = [mouth.move(0, 40), mouth.move(0, 40), mouth.move(0, 40)];
  expect(closing[0]).toBeLessThan(0.9);
  expect(closing[0]).toBeGreaterThan(0);
  expect(closing.at(-1)).toBe(0);
});

test('eyes blink in the order half, shut, half, and then stay open', () => {
  const blink = new Blink(() => 0);
  const lids = Array.from({ length: 200 }, () => blink.move(40)).join('');
  expect(lids).toMatch(/^0{40,60}1+2+1+0{40,60}1+2+1+0/);
});

test('chunks of any size give the same samples', () => {
  const channels = fc.constantFrom(1, 2);
  const bytes = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(bytes, channels, fc.array(fc.nat(400)), (all, channelCount, cuts) => {
      const framer = new PcmFramer({ sampleRate: 8000, channels: channelCount }, 1);
      const ends = [...cuts.filter((cut) => cut < all.length), all.length].sort((a, b) => a - b);
      let from = 0;
      const frames = ends.flatMap((end) => {
        const chunk = all.subarray(from, end);
        from = end;
        return framer.push(chunk);
      });
      const { frame, lostBytes } = framer.flush();
      if (frame) frames.push(frame);
      const got = frames.flatMap(({ data }) => [...new Uint8Array(data.slice().buffer)]);
      expect(got).toEqual([...all.subarray(0, all.length - lostBytes)]);
      expect(lostBytes).toBe(all.length % (2 * channelCount));
      for (const { data, samplesPerChannel, channels } of frames)
        expect(data.length).toBe(samplesPerChannel * channels);
    }),
  );
});

test('speech comes out as it went in, and no slice crosses the end of its segment', async () => {
  const segments = fc.array(fc.array(fc.array(sample, { maxLength: 30 }), { maxLength: 5 }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(segments, fc.integer({ min: 1, max: 20 }), async (spoken, count) => {
      const buffer = new SpeechBuffer(Number.POSITIVE_INFINITY);
      for (const frames of spoken) {
        for (const frame of frames)
          await buffer.push(new AudioFrame(Int16Array.from(frame), 8000, 1, frame.length));
        await buffer.push(new voice.AudioSegmentEnd());
      }
      const heard: number[][] = [];
      let open: number[] = [];
      while (heard.length < spoken.length) {
        const { samples, isEnd } = buffer.take(count);
        expect(samples.length === count || isEnd).toBe(true);
        open.push(...samples);
        if (!isEnd) continue;
        heard.push(open);
        open = [];
      }
      expect(heard).toEqual(spoken.map((frames) => frames.flat()));
    }),
  );
});

test('a producer that pushes too much speech waits until it is taken or cleared', async () => {
  const buffer = new SpeechBuffer(10);
  const frame = () => new AudioFrame(new Int16Array(10), 8000, 1, 10);
  let pushed = 0;
  const push = () => buffer.push(frame()).then(() => (pushed += 1));
  const first = push();
  await new Promise(setImmediate);
  expect(pushed).toBe(0);
  buffer.take(4);
  await first;
  const second = push();
  await new Promise(setImmediate);
  expect(pushed).toBe(1);
  buffer.clear();
  await second;
  expect(buffer.take(1)).toMatchObject({ isEnd: false, samples: { length: 0 } });
});

test('a producer that pushed far too much waits until the buffer has space, not for the first slice', async () => {
  const buffer = new SpeechBuffer(10);
  let isFree = false;
  const pushed = buffer.push(new AudioFrame(new Int16Array(25), 8000, 1, 25)).then(() => {
    isFree = true;
  });
  buffer.take(10);
  await new Promise(setImmediate);
  expect(isFree).toBe(false);
  buffer.take(10);
  await pushed;
});

test('each segment is reported once, whether it is heard, cut or never begun', () => {
  const ledger = new SegmentLedger();
  ledger.onTaken(false);
  ledger.onTaken(false);
  ledger.onTaken(true);
  ledger.onTaken(true);
  ledger.onTaken(false);
  const first = ledger.speaking;
  expect(ledger.onSpoken()).toBe(first);
  ledger.onHeard();
  const second = ledger.speaking;
  expect(second).not.toBe(first);
  Object.assign(second ?? {}, { pushedMs: 500, endsAt: 1100 });
  expect(ledger.cut(1000)).toEqual([400, 0]);
  expect(ledger.speaking).toBeUndefined();
  expect(ledger.onSpoken()).toBeUndefined();
  expect(ledger.cut(1000)).toEqual([]);
});
