import { getJobContext } from '@livekit/agents';
import type { VideoRoom } from './video-room.ts';

/** rtc-node declares an event `connected` too, but never emits it. */
const CONNECTION = 'connectionStateChanged';

/**
 * Joins the job's room, or waits until the application has connected the room.
 * @param onWait - Called at once if the application has to connect the room.
 */
export async function connectRoom(
  room: VideoRoom,
  signal: AbortSignal,
  onWait: () => void,
): Promise<void> {
  if (room.isConnected) return;
  const job = getJobContext(false);
  if (job && (job.room as VideoRoom) === room) return job.connect();
  onWait();
  await new Promise<void>((resolve) => {
    const look = () => {
      if (room.isConnected) end();
    };
    const end = () => {
      room.off(CONNECTION, look);
      signal.removeEventListener('abort', end);
      resolve();
    };
    room.on(CONNECTION, look);
    signal.addEventListener('abort', end);
  });
}
