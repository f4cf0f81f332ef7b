import { getEventListeners, once, setMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { takeWarnings } from '../support/warnings.ts';

/** Node.js 20 warns from the eleventh listener of a signal on; Node.js 24 only if a limit is set. */
const MANY = 11;
const warnOfMany = (signal: AbortSignal) => setMaxListeners(MANY - 1, signal);

describeWithServer('the warnings that fail a test file', (server) => {
  test('rtc-node alone warns if eleven requests are under way, which fails no file', async () => {
    const room = await joinRoom(server(), uniqueRoomName('warnings'), 'agent');
    try {
      const participant = room.localParticipant;
      if (!participant) return expect.fail('the agent is not in the room');
      const roomEnds: unknown = Reflect.get(participant, 'disconnectSignal');
      if (!(roomEnds instanceof AbortSignal)) return expect.fail('rtc-node has no such signal');
      warnOfMany(roomEnds);
      const warned = once(process, 'warning');
      const requests = Array.from({ length: MANY }, (_, index) =>
        participant.setAttributes({ state: String(index) }),
      );
      const [{ message, stack }] = await warned;
      expect(message).toContain(`${MANY} abort listeners added to [AbortSignal]`);
      expect(stack).toContain('LocalParticipant.setAttributes');
      expect(await takeWarnings()).toEqual([]);

      await Promise.all(requests);
      expect(getEventListeners(roomEnds, 'abort'), 'left by the requests').toEqual([]);
    } finally {
      await room.disconnect();
    }
  });

  test('the same warning from any other place fails its file', async () => {
    const { signal } = new AbortController();
    warnOfMany(signal);
    for (let listener = 0; listener < MANY; listener++) signal.addEventListener('abort', () => {});
    expect(await takeWarnings()).toEqual([
      expect.stringContaining(`${MANY} abort listeners added to [AbortSignal]`),
    ]);
  });
});
