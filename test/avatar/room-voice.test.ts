import { afterEach, expect, test, vi } from 'vitest';
import { RoomVoice } from '../../src/avatar/room-voice.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

afterEach(() => vi.useRealTimers());

test('a voice that is opened again before its time is not closed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const room = new LoopbackRoom({ speech: true });
  const voice = new RoomVoice(room.asRoom(), 24_000, (error) => expect.fail(String(error)));
  const { output } = voice.open();
  const closed = vi.spyOn(voice, 'close');
  voice.closeIn(1000);
  expect(voice.open().output).toBe(output);
  vi.advanceTimersByTime(2000);
  expect(closed).not.toHaveBeenCalled();
  vi.useRealTimers();
  await voice.close();
  await room.disconnect();
});
