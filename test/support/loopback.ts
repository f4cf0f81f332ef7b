import { type llm, voice } from '@livekit/agents';
import sharp from 'sharp';
import { expect } from 'vitest';
import { waitFor } from 'xstate';
import type { Size } from '../../src/frames/geometry.ts';
import {
  type SeenFrame,
  type VideoEvent,
  VideoSession,
  type VideoSessionOptions,
} from '../../src/index.ts';
import { endSpokenTurn } from '../../src/internals/spoken-turn.ts';
import type { VideoEventOf } from '../../src/session/reporter.ts';
import type { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { USER } from '../../src/testing/identities.ts';
import { type LoopbackPublication, LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { isPicture, recordedMessage } from '../../src/testing/recorded-request.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { sourceAt } from './sources.ts';

/** The grey level that a picture in a request shows. */
export interface Shown extends Size {
  readonly level: number;
  /** The actual type of the bytes, whatever the message declares. */
  readonly format: string;
  readonly mimeType: string | undefined;
}

export async function shownIn(picture: llm.ImageContent | undefined): Promise<Shown> {
  if (typeof picture?.image !== 'string') throw new Error('there is no picture');
  const [, base64 = ''] = picture.image.split(',');
  const image = sharp(Buffer.from(base64, 'base64'));
  const { format, width, height } = await image.metadata();
  const { channels } = await image.stats();
  const luma = 16 + ((channels[0]?.mean ?? 0) * 219) / 255;
  const { mimeType } = picture;
  return { level: Math.round((luma - 16) / 20), format, mimeType, width, height };
}

/** The frame of a picture, by the number in its id. */
export const frameIdOf = (picture: llm.ImageContent | undefined): number =>
  Number(picture?.id.split('_').at(-1));

type SessionOptions = ConstructorParameters<typeof voice.AgentSession>[0];

export interface StageOptions {
  readonly video?: Omit<VideoSessionOptions, 'room'>;
  readonly session?: SessionOptions;
  /** Creates the agent session, if a test needs a special one. */
  readonly make?: (options: SessionOptions) => voice.AgentSession;
  readonly agent?: voice.Agent;
  readonly room?: LoopbackRoom;
  readonly model?: RecordingLLM;
}

/** A room with a user and their camera, an agent session with default options, and its video. */
export class Stage {
  readonly room: LoopbackRoom;
  readonly camera: TestCamera;
  readonly model: RecordingLLM;
  readonly session: voice.AgentSession;
  readonly agent: voice.Agent;
  readonly video: VideoSession;
  #publication: LoopbackPublication | undefined;

  constructor(camera: TestCamera, options: StageOptions = {}) {
    this.camera = camera;
    this.room = options.room ?? new LoopbackRoom();
    this.model = options.model ?? new RecordingLLM();
    const make = options.make ?? ((given) => new voice.AgentSession(given));
    this.session = make({ llm: this.model, ...options.session });
    this.agent = options.agent ?? new voice.Agent({ instructions: 'Say what you see.' });
    const { input, turn, ...others } = options.video ?? {};
    this.video = new VideoSession(this.session, {
      room: this.room,
      ...others,
      // A busy machine must not make a picture late, unless the test is about that.
      input: { lookTimeoutMs: 10_000, ...input },
      turn: { attachBudgetMs: 1000, ...turn },
    });
  }

  /** The user's camera while it is on. */
  get publication(): LoopbackPublication {
    if (!this.#publication) throw new Error('the camera is off');
    return this.#publication;
  }

  async start(): Promise<void> {
    await this.video.start({ agent: this.agent });
  }

  /** The user turns the camera on. Resolves when its stream is open. */
  async cameraOn(): Promise<void> {
    if (!this.room.remoteParticipants.has(USER)) this.room.join(USER);
    this.#publication = this.room.publish(USER, this.camera.track, this.camera.source);
    await untilWatching(this.video, this.#publication.sid);
  }

  /** The camera sends one frame. Resolves when it is the newest. */
  async show(...frame: Parameters<TestCamera['show']>): Promise<SeenFrame> {
    const seen = this.video.look();
    this.camera.show(...frame);
    return await seen;
  }

  /** A typed turn, as the default handler of `lk.chat` does it. Resolves when it is answered. */
  async type(userInput: string): Promise<void> {
    this.session.interrupt();
    await this.session.generateReply({ userInput }).waitForPlayout();
  }

  /** What the detectors of voice activity and turns do when speech may have ended. */
  hearMaybe(newTranscript: string): void {
    this.session._activity?.onPreemptiveGeneration({
      newTranscript,
      transcriptConfidence: 1,
      startedSpeakingAt: undefined,
    });
  }

  /** What they do when a spoken turn has ended. Resolves when it is answered. */
  async hear(newTranscript: string): Promise<void> {
    const answered = nextItem(this.session, 'assistant');
    await this.endTurn(newTranscript);
    await answered;
  }

  /** The end of a spoken turn that may get no answer. */
  async endTurn(newTranscript: string, options: { skipReply?: boolean } = {}): Promise<void> {
    await endSpokenTurn(this.session, newTranscript, options);
  }
}

const stages: Stage[] = [];

/** A stage that is created but not started; {@link endStages} ends it. */
export function setStage(camera: TestCamera, options?: StageOptions): Stage {
  const stage = new Stage(camera, options);
  stages.push(stage);
  return stage;
}

/** A stage with a live agent and the camera on. */
export async function liveStage(camera: TestCamera, options?: StageOptions): Promise<Stage> {
  const stage = setStage(camera, options);
  await stage.start();
  await stage.cameraOn();
  return stage;
}

/** Ends all stages of a test; for `afterEach`. */
export async function endStages(): Promise<void> {
  await Promise.all(
    stages.splice(0).map(async ({ video, session }) => {
      // Saves half a second: after an error the framework does not wait for the last words.
      session._closeSoon({ reason: voice.CloseReason.ERROR });
      await video.close();
      await session.close();
    }),
  );
}

/** The reason of a rejected promise. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (error: unknown) => error,
  );

/** The session left nothing: no actor, no listener in its room. */
export function expectClosed(video: VideoSession, room: LoopbackRoom): void {
  const { status, children, value } = video.actor.getSnapshot();
  expect({ status, value, children: Object.keys(children) }).toEqual({
    status: 'done',
    value: 'closed',
    children: [],
  });
  expect(room.eventNames()).toEqual([]);
}

/** The next message of this role in the conversation. */
export function nextItem(
  session: voice.AgentSession,
  role: llm.ChatRole,
): Promise<llm.ChatMessage> {
  const { ConversationItemAdded } = voice.AgentSessionEventTypes;
  return new Promise((resolve) => {
    const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
      if (item.type !== 'message' || item.role !== role) return;
      session.off(ConversationItemAdded, onItem);
      resolve(item);
    };
    session.on(ConversationItemAdded, onItem);
  });
}

/** The next event of this type. */
export function nextEvent<T extends VideoEvent['type']>(
  video: VideoSession,
  type: T,
): Promise<VideoEventOf<T>> {
  return new Promise((resolve) => {
    const stop = video.on(type, (event) => {
      stop();
      resolve(event);
    });
  });
}

/** Resolves when the stream of this track is open. */
export async function untilWatching(video: VideoSession, sid: string): Promise<void> {
  await waitFor(
    video.actor,
    ({ context }) =>
      sourceAt(context)?.pick?.sid === sid && sourceAt(context)?.streamStatus === 'opening',
  );
}

/** Resolves when no stream is open. */
export async function untilBlind(video: VideoSession): Promise<void> {
  await waitFor(video.actor, ({ context }) => sourceAt(context)?.streamStatus === 'none', {
    timeout: 1000,
  });
}

/** The user's messages: their texts, and each picture as the number of its frame. */
export function userTurns(items: readonly llm.ChatItem[]): (string | number)[][] {
  return items.flatMap((item) =>
    item.type === 'message' && item.role === 'user'
      ? [recordedMessage(item).parts.map((part) => (isPicture(part) ? frameIdOf(part) : part))]
      : [],
  );
}
