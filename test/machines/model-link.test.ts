import { describe, expect, test } from 'vitest';
import { modelLinkMachine } from '../../src/machines/model-link.machine.ts';
import { linkInput } from '../support/machines/inputs.ts';
import { simulatedLink } from '../support/machines/simulated-link.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const { blindAfterMs, maxRevivals, reviveTimeoutMs } = linkInput;

test('every state is entered and every transition is taken', () => {
  const { elapsed, failed } = eventsOf(modelLinkMachine);
  const coverage = new Coverage(modelLinkMachine).explore({
    input: linkInput,
    events: [
      { type: 'model.connected' },
      { type: 'model.disconnected' },
      { type: 'model.closedSilently' },
      elapsed('blindAfter', 'waiting'),
      elapsed('reviveTimeout', 'reviving'),
      failed('reviving', 'this session cannot be made to reconnect'),
    ],
    key: ({ context }) => context.revivals,
  });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a connection', () => {
  test('pictures can be sent once the connection is ready', () => {
    const link = simulatedLink();
    expect(link.told()).toEqual(['waiting']);
    link.connect();
    expect(link.value()).toBe('sighted');
    expect(link.told()).toEqual(['waiting', 'sighted']);
    expect(link.clock.pending).toBe(0);
  });

  test('a connection that restarts by itself is awaited, then reported again', () => {
    const link = simulatedLink();
    link.connect();
    link.disconnect();
    expect(link.value()).toBe('waiting');
    link.clock.advance(blindAfterMs - 1);
    link.connect();
    expect(link.told()).toEqual(['waiting', 'sighted', 'waiting', 'sighted']);
    expect(link.context()).toMatchObject({ connections: 2, blindness: 0 });
    expect(link.revivals.all).toHaveLength(0);
  });

  test('a connection that replaces another one without a gap is reported again, since it has no pictures yet', () => {
    const link = simulatedLink();
    link.connect();
    link.connect();
    expect(link.told()).toEqual(['waiting', 'sighted', 'sighted']);
    expect(link.context().connections).toBe(2);
  });
});

describe('a connection that closed silently', () => {
  test('a connection that closed silently is restored at once', async () => {
    const link = simulatedLink();
    link.connect();
    link.closeSilently();
    expect(link.value()).toBe('reviving');
    expect(link.revivals.all).toHaveLength(1);
    await link.revivals.done();
    expect(link.value()).toBe('reviving');
    link.connect();
    expect(link.told()).toEqual(['waiting', 'sighted', 'sighted']);
    expect(link.context()).toMatchObject({ revivals: 0, connections: 2 });
    expect(link.clock.pending).toBe(0);
  });

  test('a connection that closed silently before it was ready is restored too', () => {
    const link = simulatedLink();
    link.closeSilently();
    expect(link.value()).toBe('reviving');
  });

  test('a second attempt follows if the first one brings no connection in time', async () => {
    const link = simulatedLink();
    link.closeSilently();
    await link.revivals.done();
    link.clock.advance(reviveTimeoutMs - 1);
    expect(link.revivals.all).toHaveLength(1);
    link.clock.advance(1);
    expect(link.value()).toBe('reviving');
    expect(link.revivals.all).toHaveLength(2);
    link.connect();
    expect(link.told().at(-1)).toBe('sighted');
  });

  test('a connection is given up after the last attempt, and the report comes once', () => {
    const link = simulatedLink();
    link.closeSilently();
    link.clock.advance(maxRevivals * reviveTimeoutMs - 1);
    expect(link.told()).toEqual(['waiting']);
    link.clock.advance(1);
    expect(link.value()).toBe('blind');
    link.clock.advance(100 * blindAfterMs);
    link.closeSilently();
    link.disconnect();
    expect(link.told()).toEqual(['waiting', 'blind']);
    expect(link.revivals.all).toHaveLength(maxRevivals);
    expect(link.reasons()).toEqual([
      `the model's session closed and could not be reopened (${maxRevivals} attempts)`,
    ]);
  });

  test('a connection that cannot be restored is given up at once', async () => {
    const link = simulatedLink();
    link.closeSilently();
    await link.revivals.failed('this session cannot be made to reconnect');
    expect(link.value()).toBe('blind');
    expect(link.told()).toEqual(['waiting', 'blind']);
    expect(link.revivals.all).toHaveLength(1);
  });

  test('a connection that was ready has all attempts again', () => {
    const link = simulatedLink();
    link.closeSilently();
    link.clock.advance(reviveTimeoutMs);
    link.connect();
    link.closeSilently();
    link.clock.advance(maxRevivals * reviveTimeoutMs);
    expect(link.revivals.all).toHaveLength(2 + maxRevivals);
  });

  test('a connection is not restored if no attempt is allowed', () => {
    const link = simulatedLink({ maxRevivals: 0 });
    link.connect();
    link.closeSilently();
    expect(link.value()).toBe('blind');
    expect(link.revivals.all).toHaveLength(0);
  });
});

describe('a model without a connection', () => {
  test('a model without a connection is reported blind after the limit, once', () => {
    const link = simulatedLink();
    link.clock.advance(blindAfterMs - 1);
    expect(link.told()).toEqual(['waiting']);
    link.clock.advance(1);
    expect(link.value()).toBe('blind');
    link.clock.advance(100 * blindAfterMs);
    expect(link.told()).toEqual(['waiting', 'blind']);
    expect(link.reasons()).toEqual([
      `the model's session has not been connected for ${blindAfterMs} ms`,
    ]);
  });

  test('a blind model is sighted again after it connects, and can become blind again', () => {
    const link = simulatedLink();
    link.clock.advance(blindAfterMs);
    link.connect();
    expect(link.value()).toBe('sighted');
    link.disconnect();
    link.clock.advance(blindAfterMs);
    expect(link.told()).toEqual(['waiting', 'blind', 'sighted', 'waiting', 'blind']);
    expect(link.context()).toMatchObject({ connections: 1, blindness: 2 });
  });
});

test('a link that ends leaves no actor and no timer', () => {
  const link = simulatedLink();
  link.closeSilently();
  expect([...link.leaves]).toEqual(['connection', 'revive 1']);
  link.actor.stop();
  expect([...link.leaves]).toEqual([]);
  expect(link.clock.pending).toBe(0);
});

test('a connection that closes before it was ready leaves the model blind if no attempt is allowed', () => {
  const link = simulatedLink({ maxRevivals: 0 });
  link.closeSilently();
  expect(link.value()).toBe('blind');
});
