import { describe, expect, test } from 'vitest';
import { replacementInput } from '../support/machines/inputs.ts';
import { simulatedStreams } from '../support/machines/simulated-streams.ts';

const { openTimeoutMs, closeTimeoutMs } = replacementInput;
const OLD = 0;

/** A stream that was opened, and not answered in time. */
function abandoned(maxAttempts = replacementInput.maxAttempts) {
  const streams = simulatedStreams({ maxAttempts });
  streams.pick('camera');
  streams.clock.advance(openTimeoutMs);
  expect(streams.value()).toBe('abandoning');
  return streams;
}

describe('a report of a stream before this one changes nothing', () => {
  test('while this one is opened', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.opened(OLD);
    expect(streams.value()).toBe('opening');
  });

  test('while this one is closed', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.openFailed('refused', OLD);
    expect(streams.value()).toBe('closing');
    streams.closed(OLD);
    expect(streams.value()).toBe('closing');
    expect(streams.context().staleEvents).toBe(2);
  });

  test('while this one is given up', () => {
    const streams = abandoned();
    streams.closed(OLD);
    streams.openFailed('refused', OLD);
    expect(streams.value()).toBe('abandoning');
  });
});

describe('the last attempt that is given up', () => {
  test.each([
    ['fails, late', (streams: ReturnType<typeof abandoned>) => streams.openFailed()],
    [
      'never ends',
      (streams: ReturnType<typeof abandoned>) => streams.clock.advance(closeTimeoutMs),
    ],
  ])('%s: the track is lost', (_, end) => {
    const streams = abandoned(1);
    end(streams);
    expect(streams.value()).toBe('lost');
  });
});

describe('a track that is not wanted any more is forgotten', () => {
  test('between two attempts', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    streams.pick(null);
    expect(streams.context()).toMatchObject({ wanted: null, failures: 0 });
  });

  test('once it is lost', () => {
    const streams = simulatedStreams({ maxAttempts: 1 });
    streams.pick('camera');
    streams.openFailed();
    streams.pick(null);
    expect(streams.context()).toMatchObject({ wanted: null, failures: 0 });
  });
});
