import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { AvatarRunner } from '../../avatar/worker/avatar-runner.ts';
import { DataStreamAudioReceiver } from '../../avatar/worker/data-stream-audio-receiver.ts';
import { FaceGenerator } from '../../avatar/worker/face-generator.ts';
import { FacePictures } from '../../avatar/worker/face-pictures.ts';
import type { AvatarSessionLike } from '../../index.ts';
import { AGENT, FACE } from '../identities.ts';
import type { LiveKitServer } from '../livekit-server.ts';
import { joinRoom } from '../rooms.ts';

const FORMAT = { width: 128, height: 128, fps: 10, sampleRate: 24_000, channels: 1 };

/** What goes wrong with a {@link TestAvatar}. */
export interface AvatarFaults {
  /** Its provider answers so late, in ms. */
  startsAfter?: number;
  /** Its provider refuses so many times, with this. */
  refuses?: { times: number; message: string };
  /** It joins so long after its provider said yes, in ms; `null` for never. */
  joinsAfter?: number | null;
  /** It has a voice and no picture. */
  hasNoVideo?: boolean;
  /** Its report of the end: never sent, or sent at the beginning. */
  finish?: 'never' | 'early';
  /** What the agent says never reaches it. */
  isDeaf?: boolean;
  /** It never learns that a segment is complete. */
  losesTrailers?: boolean;
  /** It refuses an interruption, or does not answer it. */
  clear?: 'refused' | 'unanswered';
}

/**
 * An avatar in this process: a provider and a participant of a real room, with the faults of a test.
 * It draws a face and speaks what the agent sends, as the framework's avatars do.
 *
 * @example
 * ```ts
 * const where = { server, room: 'my-room' };
 * new VideoSession(session, { room, avatar: () => new TestAvatar(where, { finish: 'never' }) });
 * ```
 */
export class TestAvatar implements AvatarSessionLike {
  readonly avatarIdentity: string;
  readonly provider = 'test';
  /** How often its provider was asked to start. */
  starts = 0;
  /** How often it was stopped. */
  stops = 0;
  readonly #server: LiveKitServer;
  readonly #name: string;
  readonly #faults: AvatarFaults;
  #parts: { room: Room; close(): Promise<void> } | undefined;

  /**
   * @param stage - The server and the name of the agent's room.
   * @param identity - The avatar's identity in the room.
   */
  constructor(
    stage: { server: LiveKitServer; room: string },
    faults: AvatarFaults = {},
    identity: string = FACE,
  ) {
    this.avatarIdentity = identity;
    this.#server = stage.server;
    this.#name = stage.room;
    this.#faults = faults;
  }

  /** Starts that were not stopped: with a real provider each of them costs money. */
  get running(): number {
    return this.starts - this.stops;
  }

  async start(session: voice.AgentSession, room: Room): Promise<void> {
    const { startsAfter, refuses, joinsAfter = 0 } = this.#faults;
    this.starts++;
    if (startsAfter) await wait(startsAfter);
    if (refuses && this.starts <= refuses.times) throw new Error(refuses.message);
    session.output.audio = new voice.DataStreamAudioOutput({
      room,
      destinationIdentity: this.avatarIdentity,
      sampleRate: FORMAT.sampleRate,
      waitPlaybackStart: true,
    });
    if (joinsAfter !== null) void wait(joinsAfter).then(() => this.join());
  }

  /** Comes into the room; done when it is there. */
  async join(): Promise<void> {
    const room = await joinRoom(this.#server, this.#name, this.avatarIdentity, {
      kind: 'agent',
      attributes: { 'lk.publish_on_behalf': AGENT },
    });
    const audio = new DataStreamAudioReceiver(room, { senderIdentity: AGENT });
    const video = new FaceGenerator(await FacePictures.draw({ ...FORMAT, name: '' }), FORMAT);
    const runner = new AvatarRunner({ room, audio, video, options: FORMAT });
    this.#misbehave(room);
    if (!this.#faults.hasNoVideo) await runner.start();
    this.#parts = {
      room,
      close: async () => {
        await runner.aclose();
        await room.disconnect();
      },
    };
  }

  /** Leaves the room without being asked, in the middle of a word too. */
  async leave(): Promise<void> {
    await this.#parts?.close();
    this.#parts = undefined;
  }

  async aclose(): Promise<void> {
    this.stops++;
    await this.leave();
  }

  #misbehave(room: Room): void {
    const { localParticipant } = room;
    if (!localParticipant) return;
    if (this.#faults.losesTrailers) loseTrailers(room);
    if (this.#faults.isDeaf) room.registerByteStreamHandler = () => {};
    const { finish, clear } = this.#faults;
    const perform = localParticipant.performRpc.bind(localParticipant);
    localParticipant.performRpc = async (call) => {
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
    if (!clear) return;
    const register = localParticipant.registerRpcMethod.bind(localParticipant);
    localParticipant.registerRpcMethod = (method, handler) =>
      register(method, async (data) => {
        if (method !== 'lk.clear_buffer') return handler(data);
        if (clear === 'unanswered') return new Promise(() => {});
        throw new Error('no');
      });
  }
}

/** Byte streams of this room go on for ever, as far as their readers know. */
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
