import { LogLevel, Room, setLogLevel, VideoPresets } from 'livekit-client';
import { fetchTicket } from './ticket.ts';

setLogLevel(LogLevel.warn);

/** A joined room. Call this in a click: before one, browsers play no sound. */
export async function joinRoom(): Promise<Room> {
  const room = new Room({
    adaptiveStream: true,
    dynacast: true,
    videoCaptureDefaults: { resolution: VideoPresets.h720.resolution },
  });
  // Within the click.
  void room.startAudio().catch(() => {});
  const { url, token } = await fetchTicket();
  await room.connect(url, token);
  return room;
}
