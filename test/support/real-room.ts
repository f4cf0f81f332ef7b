import { initializeLogger, voice } from '@livekit/agents';
import {
  type LocalTrackPublication,
  type Room,
  RoomEvent,
  TrackPublishOptions,
} from '@livekit/rtc-node';
import { waitFor } from 'xstate';
import { OfflineReader } from '../../offline/reader.ts';
import { type SeenFrame, VideoSession, type VideoSessionOptions } from '../../src/index.ts';
import { setLocalTrackMuted } from '../../src/internals/rtc-publication-control.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { AGENT } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { type JoinOptions, joinRoom, randomText, uniqueRoomName } from '../../src/testing/rooms.ts';
import { untilEvent, WAIT_LIMIT_MS, within } from '../../src/testing/waits.ts';
import { sourceAt } from './sources.ts';

/** A track that a user shares in a real room. */
export interface Share {
  readonly sid: string;
  readonly text: string;
  mute(): void;
  unmute(): void;
  stop(): Promise<void>;
}

/** A user in a real room, who shares tracks and types. */
export class Person {
  readonly room: Room;
  readonly identity: string;
  readonly #cameras = new Set<SyntheticCamera>();

  constructor(room: Room, identity: string) {
    this.room = room;
    this.identity = identity;
  }

  async share(source: 'camera' | 'screen'): Promise<Share> {
    const camera = new SyntheticCamera({
      name: source,
      source,
      // Small enough for full size from the first frame on.
      width: 640,
      height: 360,
      fps: 10,
      text: randomText(),
    });
    this.#cameras.add(camera);
    await camera.start();
    const publication = await this.#publish(camera);
    return {
      sid: publication.sid ?? '',
      text: camera.text,
      mute: () => setLocalTrackMuted(camera.track, true),
      unmute: () => setLocalTrackMuted(camera.track, false),
      stop: async () => {
        this.#cameras.delete(camera);
        await this.room.localParticipant?.unpublishTrack(publication.sid ?? '');
        await camera.stop();
      },
    };
  }

  /** Types a question, and resolves with the agent's answer. */
  async ask(question: string): Promise<string> {
    const topic = 'lk.transcription';
    const answer = new Promise<string>((resolve) => {
      this.room.registerTextStreamHandler(topic, async (reader, { identity }) => {
        const text = await reader.readAll();
        if (identity === AGENT) resolve(text);
      });
    });
    try {
      await this.room.localParticipant?.sendText(question, { topic: 'lk.chat' });
      return await within(`answer to "${question}"`, answer);
    } finally {
      this.room.unregisterTextStreamHandler(topic);
    }
  }

  async leave(): Promise<void> {
    await this.room.disconnect();
    for (const camera of this.#cameras) await camera.stop();
  }

  async #publish(camera: SyntheticCamera): Promise<LocalTrackPublication> {
    const options = new TrackPublishOptions({ source: camera.trackSource, simulcast: false });
    const publication = await this.room.localParticipant?.publishTrack(camera.track, options);
    if (!publication) throw new Error(`${this.identity} left the room`);
    return publication;
  }
}

/** A real room with an agent that has video, and its users. */
export class RealRoom {
  readonly name = uniqueRoomName('room');
  readonly #server: LiveKitServer;
  readonly #people: Person[] = [];
  readonly #eyes: Eyes[] = [];
  #agentRoom: Room | undefined;

  /** A room without the agent yet. */
  constructor(server: LiveKitServer) {
    this.#server = server;
    opened.add(this);
  }

  /** A room with the agent and no users yet. */
  static async withAgent(server: LiveKitServer, options?: JoinOptions): Promise<RealRoom> {
    const room = new RealRoom(server);
    await room.joinAgent(options);
    return room;
  }

  async joinAgent(options: JoinOptions = {}): Promise<void> {
    // Leaving a room during an operation is an error for the framework, not for a test.
    initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'fatal' });
    this.#agentRoom = await joinRoom(this.#server, this.name, AGENT, { ...options, kind: 'agent' });
  }

  /** The room from the agent's side. */
  get agentRoom(): Room {
    if (!this.#agentRoom) throw new Error('the agent is not in the room');
    return this.#agentRoom;
  }

  async join(identity: string, options: JoinOptions = {}): Promise<Person> {
    const person = new Person(await joinRoom(this.#server, this.name, identity, options), identity);
    this.#people.push(person);
    return person;
  }

  /** Waits until the agent's room knows the track. */
  async untilPublished({ sid }: Share): Promise<void> {
    const room = this.agentRoom;
    const published = () =>
      [...room.remoteParticipants.values()].some(({ trackPublications }) =>
        trackPublications.has(sid),
      );
    await untilEvent(`track ${sid}`, room, [RoomEvent.TrackPublished], published);
  }

  /** Starts the video of an agent in this room. */
  async openEyes(options: Omit<VideoSessionOptions, 'room'> = {}): Promise<Eyes> {
    const eyes = new Eyes(this.agentRoom, options);
    this.#eyes.push(eyes);
    await eyes.start();
    return eyes;
  }

  async close(): Promise<void> {
    opened.delete(this);
    for (const eyes of this.#eyes) await eyes.close();
    await Promise.all(this.#people.map((person) => person.leave()));
    await this.#agentRoom?.disconnect();
  }
}

const opened = new Set<RealRoom>();

/** Closes the rooms of a test and disconnects their users; for `afterEach`. */
export async function closeRooms(): Promise<void> {
  await Promise.all([...opened].map((room) => room.close()));
}

/** An agent session that reads what it sees, and its video. */
export class Eyes {
  readonly reader = new OfflineReader();
  readonly video: VideoSession;

  constructor(room: Room, options: Omit<VideoSessionOptions, 'room'>) {
    const session = new voice.AgentSession({
      llm: this.reader,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(session, {
      ...options,
      room,
      // Machines that run tests are busy, so a late picture is not a failure here.
      input: { lookTimeoutMs: WAIT_LIMIT_MS, stallAfterMs: WAIT_LIMIT_MS, ...options.input },
      turn: { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS, ...options.turn },
    });
  }

  start(): Promise<void> {
    return this.video.start({
      agent: new voice.Agent({ instructions: 'Say what you see.' }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { audioEnabled: false },
    });
  }

  /** Waits until this track is watched, and returns one of its frames. */
  async see({ sid }: { readonly sid: string }): Promise<SeenFrame> {
    await this.#picks(`watching ${sid}`, sid);
    let frame = await this.video.look();
    // One more frame of the old track may have been under way.
    while (frame.trackSid !== sid) frame = await this.video.look();
    return frame;
  }

  /** Waits until no track is watched. */
  async seeNothing(): Promise<void> {
    await this.#picks('watching nothing', undefined);
  }

  get watched(): string | undefined {
    return sourceAt(this.video.actor.getSnapshot().context)?.pick?.sid;
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.reader.aclose();
  }

  async #picks(what: string, sid: string | undefined): Promise<void> {
    const picked = waitFor(this.video.actor, ({ context }) => sourceAt(context)?.pick?.sid === sid);
    await within(`moment of ${what}`, picked);
  }
}
