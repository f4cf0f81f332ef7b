import { EventEmitter } from 'node:events';
import { type Room, RoomEvent, RpcError } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { PLAYBACK_FINISHED, PLAYBACK_STARTED } from '../../../src/avatar/worker/avatar-protocol.ts';
import { PlaybackReports } from '../../../src/avatar/worker/playback-reports.ts';

const LIMITS = { attempts: 2, responseTimeoutMs: 1000, absenceLimitMs: 5000 };
const { ErrorCode } = RpcError;

interface Call {
  method: string;
  payload: string;
  destinationIdentity: string;
  responseTimeout: number;
}

// The retry pause has a real timer of node:timers/promises, so only the tests of limits fake time.
afterEach(() => vi.useRealTimers());

/** A room whose agent answers each report with the next of these answers, and then with `ok`. */
function stage(answers: (string | Error | Promise<string>)[] = [], recipient = () => 'agent') {
  const room = Object.assign(new EventEmitter(), {
    remoteParticipants: new Map([['agent', {}]]),
    localParticipant: {
      performRpc: async (call: Call) => {
        calls.push(call);
        const answer = answers.shift() ?? 'ok';
        if (answer instanceof Error) throw answer;
        return answer;
      },
    } as object | undefined,
  });
  const calls: Call[] = [];
  const faults: string[] = [];
  const causes: unknown[] = [];
  const reports = new PlaybackReports(
    room as unknown as Room,
    LIMITS,
    recipient,
    ({ message, cause }) => {
      faults.push(message);
      causes.push(cause);
    },
  );
  return { room, calls, faults, causes, reports };
}

const settled = () => new Promise(setImmediate);
const failure = (code: number) => new RpcError(code, 'failed');

test('reports reach the agent one at a time and in order', async () => {
  let answer: (text: string) => void = () => {};
  const { calls, reports } = stage([new Promise((resolve) => (answer = resolve))]);
  reports.send(PLAYBACK_STARTED, '');
  reports.send(PLAYBACK_FINISHED, '1');
  reports.send(PLAYBACK_FINISHED, '2');
  await settled();
  expect(calls).toHaveLength(1);
  answer('ok');
  await settled();
  expect(calls.map(({ payload }) => payload)).toEqual(['', '1', '2']);
  expect(calls[0]).toMatchObject({
    ...{ method: PLAYBACK_STARTED, destinationIdentity: 'agent' },
    responseTimeout: LIMITS.responseTimeoutMs,
  });
  reports.send(PLAYBACK_FINISHED, '3');
  await settled();
  expect(calls).toHaveLength(4);
});

test('a report that cannot have arrived is sent again, up to the limit of attempts', async () => {
  const lost = failure(ErrorCode.SEND_FAILED);
  const { calls, faults, reports } = stage([lost, 'ok', lost, lost]);
  for (const payload of ['1', '2', '3']) reports.send(PLAYBACK_FINISHED, payload);
  await vi.waitFor(() => expect(calls).toHaveLength(5), { timeout: 60_000, interval: 10 });
  expect(calls.map(({ payload }) => payload)).toEqual(['1', '1', '2', '2', '3']);
  expect(faults).toEqual(['lk.playback_finished was not delivered to the agent: failed']);
});

test('a report is sent again after each failure with which it cannot have arrived', async () => {
  const codes = ['CONNECTION_TIMEOUT', 'RECIPIENT_NOT_FOUND', 'UNSUPPORTED_METHOD'] as const;
  const stages = codes.map((code) => stage([failure(ErrorCode[code])]));
  for (const { reports } of stages) reports.send(PLAYBACK_FINISHED, '1');
  const sent = () => stages.map(({ calls }) => calls.length);
  await vi.waitFor(() => expect(sent()).toEqual([2, 2, 2]), { timeout: 60_000, interval: 10 });
  expect(stages.flatMap(({ faults }) => faults)).toEqual([]);
});

test.each([
  ['may have arrived', failure(ErrorCode.RESPONSE_TIMEOUT)],
  ['failed for another reason', new Error('failed')],
])('a report that %s is not sent twice, and the next one is sent', async (_, error) => {
  const { calls, faults, causes, reports } = stage([error]);
  reports.send(PLAYBACK_FINISHED, '1');
  reports.send(PLAYBACK_FINISHED, '2');
  await settled();
  expect(calls.map(({ payload }) => payload)).toEqual(['1', '2']);
  expect(faults).toEqual(['lk.playback_finished was not delivered to the agent: failed']);
  expect(causes).toEqual([error]);
});

test('an agent that does not use the report of a start causes no fault', async () => {
  const { calls, faults, reports } = stage([failure(ErrorCode.UNSUPPORTED_METHOD)]);
  reports.send(PLAYBACK_STARTED, '');
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  expect(calls.map(({ method }) => method)).toEqual([PLAYBACK_STARTED, PLAYBACK_FINISHED]);
  expect(faults).toEqual([]);
});

test.each([
  ['it does not recognize this participant', stage(['reject'])],
  ['no agent has spoken yet', stage([], () => undefined as unknown as string)],
])('the fault says that %s', async (why, { faults, reports }) => {
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  expect(faults).toEqual([expect.stringContaining(why)]);
});

test('a report of an avatar that left the room is a fault that says so', async () => {
  const { room, faults, reports } = stage();
  room.localParticipant = undefined;
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  expect(faults).toEqual([expect.stringContaining('the avatar left the room')]);
});

test('a report waits for an agent that left, and leaves no listener in the room', async () => {
  const { room, calls, reports } = stage();
  room.remoteParticipants.clear();
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  room.remoteParticipants.set('user', {});
  room.emit(RoomEvent.ParticipantConnected);
  await settled();
  expect(calls).toEqual([]);
  room.remoteParticipants.set('agent', {});
  room.emit(RoomEvent.ParticipantConnected);
  await settled();
  expect(calls).toHaveLength(1);
  expect(room.listenerCount(RoomEvent.ParticipantConnected)).toBe(0);
});

test('an agent that does not return in time, or never answers, is a fault', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const absent = stage();
  absent.room.remoteParticipants.clear();
  absent.reports.send(PLAYBACK_FINISHED, '1');
  await vi.advanceTimersByTimeAsync(LIMITS.absenceLimitMs - 1);
  expect(absent.faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(absent.faults).toEqual([expect.stringContaining('agent left, and did not return')]);
  expect(absent.room.listenerCount(RoomEvent.ParticipantConnected)).toBe(0);

  const silent = stage([new Promise(() => {})]);
  silent.reports.send(PLAYBACK_FINISHED, '1');
  await vi.advanceTimersByTimeAsync(10_999);
  expect(silent.faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(silent.faults).toEqual([expect.stringContaining('no answer within 11000 ms')]);
});

test('a close drops the reports that wait, ends the one under way, and reports no fault', async () => {
  const { calls, faults, reports } = stage([new Promise(() => {})]);
  reports.send(PLAYBACK_FINISHED, '1');
  reports.send(PLAYBACK_FINISHED, '2');
  await settled();
  await reports.close();
  reports.send(PLAYBACK_FINISHED, '3');
  await settled();
  expect(calls).toHaveLength(1);
  expect(faults).toEqual([]);
});

test('a close ends the pause before the next attempt', async () => {
  const { calls, faults, reports } = stage([failure(ErrorCode.SEND_FAILED)]);
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  await reports.close();
  expect(calls).toHaveLength(1);
  expect(faults).toEqual([]);
});

test('a close ends the wait for an agent that left', async () => {
  const { room, calls, faults, reports } = stage();
  room.remoteParticipants.clear();
  reports.send(PLAYBACK_FINISHED, '1');
  await settled();
  expect(room.listenerCount(RoomEvent.ParticipantConnected)).toBe(1);
  const closed = reports.close();
  await settled();
  expect(room.listenerCount(RoomEvent.ParticipantConnected)).toBe(0);
  await closed;
  expect([calls, faults]).toEqual([[], []]);
});

test('no report is sent after a close, however soon after an answer it comes', async () => {
  for (let steps = 0; steps < 10; steps++) {
    let answer: (text: string) => void = () => {};
    const { calls, reports } = stage([new Promise((resolve) => (answer = resolve))]);
    for (const payload of ['1', '2', '3']) reports.send(PLAYBACK_FINISHED, payload);
    await settled();
    answer('ok');
    for (let step = 0; step < steps; step++) await Promise.resolve();
    const before = calls.length;
    await reports.close();
    await settled();
    expect(calls).toHaveLength(before);
  }
});
