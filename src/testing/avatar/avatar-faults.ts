import { type LocalTrack, type Room, TrackKind } from '@livekit/rtc-node';

/** The faults of a {@link TestAvatar}. */
export interface AvatarFaults {
  /** Delay of the provider's answer, in ms. */
  startsAfter?: number;
  /** How often the provider refuses, and its message. */
  refuses?: { times: number; message: string };
  /** Delay from the provider's answer to the join, in ms; `null` for never. */
  joinsAfter?: number | null;
  /** Whether it publishes audio only. */
  hasNoVideo?: boolean;
  /** Its report of the end of playback: never sent, or sent at the beginning. */
  finish?: 'never' | 'early';
  /** Whether the agent's speech never reaches it. */
  isDeaf?: boolean;
  /** Whether the ends of segments never reach it. */
  losesTrailers?: boolean;
  /** How it fails at an interruption. */
  clear?: 'refused' | 'unanswered';
}

/** Gives the avatar in its room these faults. */
export function misbehave(room: Room, faults: AvatarFaults): void {
  const { localParticipant } = room;
  if (!localParticipant) return;
  const { finish, clear } = faults;
  if (faults.losesTrailers) loseTrailers(room);
  if (faults.isDeaf) room.registerByteStreamHandler = () => {};
  if (faults.hasNoVideo) publishNoVideo(localParticipant);
  if (finish) reportEnd(localParticipant, finish);
  if (clear) answerClear(localParticipant, clear);
}

type Own = NonNullable<Room['localParticipant']>;

function publishNoVideo(own: Own): void {
  const publish = own.publishTrack.bind(own);
  own.publishTrack = (track: LocalTrack, options) =>
    track.kind === TrackKind.KIND_VIDEO ? new Promise(() => {}) : publish(track, options);
}

function reportEnd(own: Own, finish: NonNullable<AvatarFaults['finish']>): void {
  const perform = own.performRpc.bind(own);
  own.performRpc = async (call) => {
    if (finish === 'never' && call.method === 'lk.playback_finished') return 'ok';
    const reply = await perform(call);
    if (finish === 'early' && call.method === 'lk.playback_started')
      await perform({
        ...call,
        method: 'lk.playback_finished',
        payload: JSON.stringify({
          playback_position: 0.1,
          interrupted: false,
          synchronized_transcript: null,
        }),
      });
    return reply;
  };
}

function answerClear(own: Own, clear: NonNullable<AvatarFaults['clear']>): void {
  const register = own.registerRpcMethod.bind(own);
  own.registerRpcMethod = (method, handler) =>
    register(method, async (data) => {
      if (method !== 'lk.clear_buffer') return handler(data);
      if (clear === 'unanswered') return new Promise(() => {});
      throw new Error('no');
    });
}

/** Byte streams of this room never end for their readers. */
function loseTrailers(room: Room): void {
  const register = room.registerByteStreamHandler.bind(room);
  room.registerByteStreamHandler = (topic, handler) =>
    register(topic, (reader, sender) => {
      const chunks = reader[Symbol.asyncIterator].bind(reader);
      reader[Symbol.asyncIterator] = () => {
        const iterator = chunks();
        return {
          ...iterator,
          next: async () => {
            const next = await iterator.next();
            return next.done ? new Promise(() => {}) : next;
          },
        } as ReturnType<typeof chunks>;
      };
      handler(reader, sender);
    });
}
