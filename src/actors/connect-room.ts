import { getJobContext } from '@livekit/agents';
import type { VideoRoom } from './video-room.ts';

/** Joins the job's room, or waits until somebody else has connected this one. */
export async function connectRoom(room: VideoRoom, signal: AbortSignal): Promise<void> {
  if (room.isConnected) return;
  const job = getJobContext(false);
  if (job && (job.room as VideoRoom) === room) return job.connect();
  await new Promise<void>((resolve) => {
    const end = () => {
      room.off('connected', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    room.on('connected', end);
    signal.addEventListener('abort', end);
  });
}
