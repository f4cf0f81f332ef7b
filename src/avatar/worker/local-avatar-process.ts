/**
 * The process of a `LocalAvatar`. It joins the room as a participant, plays what the agent says,
 * and exits on request, after it left the room, or when its parent is gone.
 */
import { initializeLogger } from '@livekit/agents';
import { dispose, Room, RoomEvent } from '@livekit/rtc-node';
import { messageOf } from '../../thrown.ts';
import { AvatarRunner } from './avatar-runner.ts';
import { DataStreamAudioReceiver } from './data-stream-audio-receiver.ts';
import { FaceGenerator } from './face-generator.ts';
import { FacePictures } from './face-pictures.ts';
import { type AvatarJob, type FromAvatar, toAvatar } from './local-avatar-messages.ts';

/** How long leaving the room may take before the process exits anyway, in ms. */
const LEAVE_LIMIT_MS = 2000;

const room = new Room();
let runner: AvatarRunner | undefined;
let ending = false;

const tell = (message: FromAvatar) => {
  if (process.connected) process.send?.(message, () => {});
};

async function play(job: AvatarJob): Promise<void> {
  const { url, token, name, agentIdentity, format } = job;
  const drawing = FacePictures.draw({ width: format.width, height: format.height, name });
  // If joining fails first, that error is reported.
  drawing.catch(() => {});
  // Created before the join, so that no speech is missed.
  const audio = new DataStreamAudioReceiver(room, { senderIdentity: agentIdentity });
  audio.on('error', ({ message }) => tell({ type: 'fault', message }));
  await audio.start();
  room.once(RoomEvent.Disconnected, () => void end(0));
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  tell({ type: 'joined' });
  const video = new FaceGenerator(await drawing, format);
  runner = new AvatarRunner({ room, audio, video, options: format });
  runner.on('error', ({ message }) => void fail(message));
  await runner.start();
  tell({ type: 'playing' });
}

async function fail(error: unknown): Promise<void> {
  if (ending) return;
  tell({ type: 'failed', message: messageOf(error) });
  await end(1);
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), LEAVE_LIMIT_MS).unref();
  await runner?.aclose().catch(() => {});
  await room.disconnect().catch(() => {});
  await dispose().catch(() => {});
  process.exit(code);
}

// Ctrl-C reaches every process of the terminal's group, but the agent may still have to speak.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));
let isStarted = false;
process.on('message', (received) => {
  const message = toAvatar(received);
  if (message?.type === 'stop') void end(0);
  if (message?.type !== 'start' || isStarted) return;
  isStarted = true;
  void play(message.job).catch(fail);
});
process.on('unhandledRejection', (error) => void fail(error));
initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'warn' });
