import { type Room, RoomEvent } from '@livekit/rtc-node';
import { AvatarRunner } from '../../../src/avatar/worker/avatar-runner.ts';
import { DataStreamAudioReceiver } from '../../../src/avatar/worker/data-stream-audio-receiver.ts';
import { FaceGenerator } from '../../../src/avatar/worker/face-generator.ts';
import { FacePictures } from '../../../src/avatar/worker/face-pictures.ts';
import type { AvatarError } from '../../../src/errors.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { joinRoom, uniqueRoomName } from '../../../src/testing/rooms.ts';
import { until, untilEvent } from '../../../src/testing/waits.ts';
import { Ear } from './tones.ts';

export const SAMPLE_RATE = 24_000;

const FORMAT = { width: 128, height: 128, fps: 25, sampleRate: SAMPLE_RATE, channels: 1 };

/** An agent, an avatar and a user in a real room. */
export class Stage {
  readonly name = uniqueRoomName('avatar');
  readonly errors: AvatarError[] = [];
  readonly #server: LiveKitServer;
  readonly #rooms: Room[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(server: LiveKitServer) {
    this.#server = server;
  }

  async join(identity: string, kind: 'agent' | 'standard', speaksFor?: string): Promise<Room> {
    const attributes = speaksFor === undefined ? {} : { 'lk.publish_on_behalf': speaksFor };
    const room = await joinRoom(this.#server, this.name, identity, { kind, attributes });
    this.#rooms.push(room);
    return room;
  }

  /** A receiver in a separate room. */
  async receiver(options: ConstructorParameters<typeof DataStreamAudioReceiver>[1] = {}) {
    const room = await this.join(FACE, 'agent', AGENT);
    const receiver = new DataStreamAudioReceiver(room, options);
    receiver.on('error', (error) => this.errors.push(error));
    this.#ends.push(() => receiver.aclose());
    return { room, receiver };
  }

  /** An avatar that plays. */
  async runner() {
    const { room, receiver: audio } = await this.receiver({ senderIdentity: AGENT });
    const pictures = await FacePictures.draw({ ...FORMAT, name: '' });
    const video = new FaceGenerator(pictures, FORMAT);
    const runner = new AvatarRunner({ room, audio, video, options: FORMAT });
    runner.on('error', (error) => this.errors.push(error));
    this.#ends.push(() => runner.aclose());
    await runner.start();
    return { room, runner };
  }

  /** A user who listens for these pitches once the avatar's sound arrives. */
  async listener(pitches: readonly number[]): Promise<Ear> {
    const room = await this.join('user', 'standard');
    const ear = new Ear(room, pitches);
    this.#ends.unshift(() => ear.close());
    return ear;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
    await Promise.all(this.#rooms.map((room) => room.disconnect()));
  }
}

/** Waits until the participant is in the room. */
export const untilThere = (room: Room, identity: string): Promise<void> =>
  untilEvent(identity, room, [RoomEvent.ParticipantConnected], () =>
    room.remoteParticipants.has(identity),
  );

/** Waits until the participant has left the room. */
export const untilGone = (room: Room, identity: string): Promise<void> =>
  untilEvent(`end of ${identity}`, room, [RoomEvent.ParticipantDisconnected], () => {
    return !room.remoteParticipants.has(identity);
  });

/** The reports of the avatar to its agent. */
export class Reports {
  readonly all: { method: string; payload: string; callerIdentity: string }[] = [];

  constructor(agent: Room) {
    for (const method of ['lk.playback_started', 'lk.playback_finished'])
      agent.localParticipant?.registerRpcMethod(method, async ({ payload, callerIdentity }) => {
        this.all.push({ method, payload, callerIdentity });
        return 'ok';
      });
  }

  get finished(): { playback_position: number; interrupted: boolean }[] {
    return this.all
      .filter(({ method }) => method === 'lk.playback_finished')
      .map(({ payload }) => JSON.parse(payload));
  }

  /** Waits for this many reports of the kind. */
  async until(kind: 'started' | 'finished', count: number): Promise<void> {
    const method = `lk.playback_${kind}`;
    const there = () => this.all.filter((report) => report.method === method).length >= count;
    await until(`${count} reports of ${kind}`, there);
  }
}
