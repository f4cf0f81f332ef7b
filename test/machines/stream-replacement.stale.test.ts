import { describe, expect, test } from 'vitest';
import { replacementInput } from '../support/machines/inputs.ts';
import { simulatedStreams } from '../support/machines/simulated-streams.ts';

const { openTimeoutMs, closeTimeoutMs } = replacementInput;
const OLD = 0;

/** A stream that was opened, and did not answer in time. */
function abandoned(maxAttempts = replacementInput.maxAttempts) {
  const streams = simulatedStreams({ maxAttempts });
  streams.pick('camera');
  streams.clock.advance(openTimeoutMs);
  expect(streams.value()).toBe('abandoning');
  return streams;
}

describe('reports of an earlier stream', () => {
  test('a report of an earlier stream changes nothing while the current one opens', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.opened(OLD);
    expect(streams.value()).toBe('opening');
  });

  test('a report of an earlier stream changes nothing while the current one closes', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.openFailed('refused', OLD);
    expect(streams.value()).toBe('closing');
    streams.closed(OLD);
    expect(streams.value()).toBe('closing');
    expect(streams.context().staleEvents).toBe(2);
  });

  test('a report of an earlier stream changes nothing while the current one is given up', () => {
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
  ])('the track is lost when the last attempt is given up: %s', (_, end) => {
    const streams = abandoned(1);
    end(streams);
    expect(streams.value()).toBe('lost');
  });
});

describe('a track that is not wanted any more is forgotten', () => {
  test('a track that is no longer wanted is forgotten between two attempts', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    streams.pick(null);
    expect(streams.context()).toMatchObject({ wanted: null, failures: 0 });
  });

  test('a track that is no longer wanted is forgotten after it was lost', () => {
    const streams = simulatedStreams({ maxAttempts: 1 });
    streams.pick('camera');
    streams.openFailed();
    streams.pick(null);
    expect(streams.context()).toMatchObject({ wanted: null, failures: 0 });
  });
});
