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
  test('is awaited, and then pictures can go', () => {
    const link = simulatedLink();
    expect(link.told()).toEqual(['waiting']);
    link.connect();
    expect(link.value()).toBe('sighted');
    expect(link.told()).toEqual(['waiting', 'sighted']);
    expect(link.clock.pending).toBe(0);
  });

  test('that restarts by itself is awaited again, and is sighted anew', () => {
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

  test('that another one takes over without a gap is sighted anew: it has seen nothing yet', () => {
    const link = simulatedLink();
    link.connect();
    link.connect();
    expect(link.told()).toEqual(['waiting', 'sighted', 'sighted']);
    expect(link.context().connections).toBe(2);
  });
});

describe('a connection that closed silently', () => {
  test('is revived at once', async () => {
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

  test('is revived as well where it closed before pictures could go', () => {
    const link = simulatedLink();
    link.closeSilently();
    expect(link.value()).toBe('reviving');
  });

  test('is revived again where the first attempt brings no connection in time', async () => {
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

  test('is given up after the last attempt, and that is said once', () => {
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
      `the model's session closed and could not be revived (${maxRevivals} attempts)`,
    ]);
  });

  test('is given up at once where it cannot be revived', async () => {
    const link = simulatedLink();
    link.closeSilently();
    await link.revivals.failed('this session cannot be made to reconnect');
    expect(link.value()).toBe('blind');
    expect(link.told()).toEqual(['waiting', 'blind']);
    expect(link.revivals.all).toHaveLength(1);
  });

  test('has all of its attempts again once a connection was there', () => {
    const link = simulatedLink();
    link.closeSilently();
    link.clock.advance(reviveTimeoutMs);
    link.connect();
    link.closeSilently();
    link.clock.advance(maxRevivals * reviveTimeoutMs);
    expect(link.revivals.all).toHaveLength(2 + maxRevivals);
  });

  test('is not revived where no attempt is allowed', () => {
    const link = simulatedLink({ maxRevivals: 0 });
    link.connect();
    link.closeSilently();
    expect(link.value()).toBe('blind');
    expect(link.revivals.all).toHaveLength(0);
  });
});

describe('a model that stays without a connection', () => {
  test('is blind after the limit, and that is said once', () => {
    const link = simulatedLink();
    link.clock.advance(blindAfterMs - 1);
    expect(link.told()).toEqual(['waiting']);
    link.clock.advance(1);
    expect(link.value()).toBe('blind');
    link.clock.advance(100 * blindAfterMs);
    expect(link.told()).toEqual(['waiting', 'blind']);
    expect(link.reasons()).toEqual([`the model's session is not connected for ${blindAfterMs} ms`]);
  });

  test('sees again when it is connected all the same, and may go blind a second time', () => {
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

test('a connection that may not be revived, and closes before it was there, leaves it blind', () => {
  const link = simulatedLink({ maxRevivals: 0 });
  link.closeSilently();
  expect(link.value()).toBe('blind');
});
