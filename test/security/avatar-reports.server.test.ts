import { RpcError } from '@livekit/rtc-node';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { AvatarStreamOutput } from '../../src/avatar/avatar-stream-output.ts';
import { StableAudioOutput } from '../../src/avatar/stable-audio-output.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { HandOutput, SAMPLE_RATE, speak } from '../support/avatar/speech.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { anyMessage, TABLE_NAMES } from '../support/security/hostile.ts';

afterEach(() => vi.useRealTimers());

test('a position beyond the segment that an avatar reports is limited to the segment', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const positions = [Number.NaN, -1, -Infinity, Infinity, 1e308, 5e-324, 0.1, undefined, null, 'x'];
  for (const position of positions) {
    const avatar = new HandOutput('avatar');
    const audio = new StableAudioOutput({
      ...{ finishSlackMs: 2000, clearTimeoutMs: 500, playbackStartTimeoutMs: 4000 },
      sampleRate: SAMPLE_RATE,
      onUnconfirmed: () => {},
      onFault: () => {},
    });
    audio.swapNow(avatar);
    await speak(audio, 1, 10);
    avatar.starts();
    await vi.advanceTimersByTimeAsync(200);
    avatar.finishes(position as number);
    const { playbackPosition } = await audio.waitForPlayout();
    expect([position, playbackPosition]).toEqual([position, expect.any(Number)]);
    expect(playbackPosition).toBeGreaterThanOrEqual(0);
    expect(playbackPosition).toBeLessThanOrEqual(0.2);
  }
});

describeWithServer('reports in a real room', (server) => {
  test('reports are accepted from the avatar in any shape, and from no other participant', async () => {
    const name = uniqueRoomName('reports');
    const agent = await joinRoom(server(), name, 'agent', { kind: 'agent' });
    const output = await AvatarStreamOutput.open({
      ...{ room: agent, destinationIdentity: 'face', sampleRate: 24_000, waitPlaybackStart: true },
      clearTimeoutMs: 1000,
    });
    const finished: number[] = [];
    output.on('playbackFinished', ({ playbackPosition }) => finished.push(playbackPosition));

    const face = await joinRoom(server(), name, 'face', { kind: 'agent' });
    const call = (room: typeof face, method: string, payload: string) =>
      room.localParticipant?.performRpc({
        ...{ destinationIdentity: 'agent', method, payload, responseTimeout: 10_000 },
      });
    const method = fc.constantFrom('lk.playback_finished', 'lk.playback_started');
    await fc.assert(
      fc.asyncProperty(method, anyMessage(), async (about, payload) => {
        expect(await call(face, about, payload.slice(0, 10_000))).toBe('ok');
      }),
      { numRuns: 12 },
    );
    // Nothing was played: the framework accepts no more ends than there were segments.
    expect(finished).toEqual([]);

    // A user may have such an identity; it must not resolve to an inherited property.
    for (const identity of TABLE_NAMES.slice(0, 2)) {
      const stranger = await joinRoom(server(), name, identity);
      for (const about of ['lk.playback_finished', 'lk.playback_started']) {
        const reply = await call(stranger, about, '{}')?.catch((error: unknown) => error);
        expect([identity, reply]).toEqual([identity, 'reject']);
        expect(reply).not.toBeInstanceOf(RpcError);
      }
      await stranger.disconnect();
    }
    await Promise.all([face.disconnect(), agent.disconnect()]);
  });
});
