import { messageOf } from '../../thrown.ts';
/**
 * A user in a process of its own: joins a room, shares a camera and a screen, types, and reads the
 * agent's answers. Requests are JSON lines on stdin, replies go to stdout.
 */
import './quiet.ts';
import { createInterface } from 'node:readline';
import {
  dispose,
  Room,
  RoomEvent,
  type TrackPublication,
  TrackPublishOptions,
} from '@livekit/rtc-node';
import { setLocalTrackMuted } from '../../internals/rtc-publication-control.ts';
import { SyntheticCamera } from '../camera/synthetic-camera.ts';
import type { Ticket } from '../rooms.ts';
import { untilEvent, within } from '../waits.ts';

export type Shared = 'camera' | 'screen';

export type UserRequest =
  | { do: 'connect'; ticket: Ticket }
  /** Waits until an agent is in the room and listens. */
  | { do: 'meetAgent' }
  /** Replies when the agent has subscribed to the track. */
  | { do: 'share'; what: Shared; text: string }
  | { do: 'mute'; what: Shared; muted: boolean }
  | { do: 'stop'; what: Shared }
  /** The reply is the agent's answer. */
  | { do: 'ask'; question: string }
  | { do: 'leave' };

export type UserReply = { id: number; value: string } | { id: number; error: string };

interface Share {
  camera: SyntheticCamera;
  publication: TrackPublication;
}

const room = new Room();
const shares = new Map<Shared, Share>();
let onAnswer: ((answer: string) => void) | undefined;

async function obey(request: UserRequest): Promise<string> {
  switch (request.do) {
    case 'connect':
      return connect(request.ticket);
    case 'meetAgent':
      return meetAgent();
    case 'share':
      return share(request.what, request.text);
    case 'mute':
      setLocalTrackMuted(shareOf(request.what).camera.track, request.muted);
      return '';
    case 'stop':
      return stop(request.what);
    case 'ask':
      return ask(request.question);
    case 'leave':
      return leave();
  }
}

async function connect({ url, token }: Ticket): Promise<string> {
  room.registerTextStreamHandler('lk.transcription', async (reader, { identity }) => {
    const text = await reader.readAll();
    if (identity !== room.localParticipant?.identity) onAnswer?.(text);
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  return '';
}

async function meetAgent(): Promise<string> {
  const events = [RoomEvent.ParticipantConnected, RoomEvent.ParticipantAttributesChanged];
  const listening = () =>
    [...room.remoteParticipants.values()].find(
      ({ attributes }) => attributes['lk.agent.state'] === 'listening',
    );
  await untilEvent('agent that listens', room, events, () => listening() !== undefined, 90_000);
  return listening()?.identity ?? '';
}

async function share(what: Shared, text: string): Promise<string> {
  const camera = new SyntheticCamera({
    name: what,
    source: what,
    // Small enough for full size from the first frame on.
    width: 640,
    height: 360,
    fps: 10,
    text,
  });
  await camera.start();
  const subscribed = new Promise<void>((resolve) => {
    const onSubscribed = (track: unknown) => {
      if (track !== camera.track) return;
      room.off(RoomEvent.LocalTrackSubscribed, onSubscribed);
      resolve();
    };
    room.on(RoomEvent.LocalTrackSubscribed, onSubscribed);
  });
  const options = new TrackPublishOptions({ source: camera.trackSource, simulcast: false });
  const publication = await room.localParticipant?.publishTrack(camera.track, options);
  if (!publication) throw new Error('connect first');
  shares.set(what, { camera, publication });
  await within(`subscriber of the ${what}`, subscribed);
  return '';
}

async function stop(what: Shared): Promise<string> {
  const { camera, publication } = shareOf(what);
  shares.delete(what);
  if (publication.sid) await room.localParticipant?.unpublishTrack(publication.sid);
  await camera.stop();
  return '';
}

async function ask(question: string): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    onAnswer = resolve;
  });
  await room.localParticipant?.sendText(question, { topic: 'lk.chat' });
  return within(`answer to "${question}"`, answer);
}

async function leave(): Promise<string> {
  for (const { camera } of shares.values()) await camera.stop();
  await room.disconnect();
  await dispose();
  return '';
}

function shareOf(what: Shared): Share {
  const share = shares.get(what);
  if (!share) throw new Error(`no ${what} is shared`);
  return share;
}

const reply = (message: UserReply) => console.log(JSON.stringify(message));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...request } = JSON.parse(line) as UserRequest & { id: number };
  try {
    reply({ id, value: await obey(request as UserRequest) });
  } catch (error) {
    reply({ id, error: messageOf(error) });
  }
  if (request.do === 'leave') break;
}
process.exit(0);
