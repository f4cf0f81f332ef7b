import { llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { TrackSource } from '@livekit/rtc-node';
import sharp from 'sharp';
import { type AnyActorRef, waitFor } from 'xstate';
import {
  type Sampler,
  type VideoEvent,
  VideoSession,
  type VideoSessionOptions,
  voiceActivitySampler,
} from '../../src/index.ts';
import type { VideoEventOf } from '../../src/session/reporter.ts';
import type { TestCamera } from '../../src/testing/camera/test-camera.ts';
import type { FakeConnection } from '../../src/testing/fakes/fake-connection.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import type { ModelService } from '../../src/testing/fakes/model-service.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import { USER } from '../../src/testing/identities.ts';
import { type LoopbackPublication, LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until, within } from '../../src/testing/waits.ts';
import { GPTLiveService } from './providers/gpt-live-service.ts';
import { sourceAt } from './sources.ts';

export const INSTRUCTIONS = 'You see.';

/** Takes no sample by itself, so every sent frame has another reason. */
export const never: Sampler = voiceActivitySampler({ speakingFps: 0, silentFps: 0 });

export type ProviderName = 'google' | 'openai';
export const PROVIDERS: readonly ProviderName[] = ['google', 'openai'];

type Fake = FakeGeminiLive | FakeOpenAIRealtime;
type Tools = NonNullable<voice.AgentOptions<unknown>['tools']>;

export interface StageOptions {
  readonly video?: Omit<VideoSessionOptions, 'room'>;
  readonly tools?: Tools;
  /** With `manual`, the application commits the turns. */
  readonly turnDetection?: 'manual';
  readonly model?: llm.RealtimeModel;
  /** Google: options of the model. */
  readonly google?: Partial<ConstructorParameters<typeof google.realtime.RealtimeModel>[0]>;
  /** Google: behaviour of the service. */
  readonly gemini?: ConstructorParameters<typeof FakeGeminiLive>[0];
  /** OpenAI: behaviour of the service. */
  readonly service?: ConstructorParameters<typeof FakeOpenAIRealtime>[0];
  /** OpenAI: options of the model. */
  readonly openai?: Partial<ConstructorParameters<typeof openai.realtime.RealtimeModel>[0]>;
}

interface Media {
  readonly track: TestCamera['track'];
}

/** An installed plugin in a real agent session with video, and its service. */
export class RealtimeStage<F extends ModelService<FakeConnection> = Fake> {
  readonly fake: F;
  readonly model: llm.RealtimeModel;
  readonly room = new LoopbackRoom();
  readonly session: voice.AgentSession;
  readonly agent: voice.Agent;
  readonly video: VideoSession;
  /** The events of the video, in order. */
  readonly events: VideoEvent[] = [];

  constructor(
    fake: F,
    model: llm.RealtimeModel,
    { video, tools, turnDetection }: StageOptions = {},
  ) {
    this.fake = fake;
    this.model = model;
    this.session = new voice.AgentSession({
      llm: model,
      vad: null,
      turnHandling: { turnDetection: turnDetection ?? null },
    });
    this.agent = new voice.Agent({ instructions: INSTRUCTIONS, tools: tools ?? [] });
    this.video = new VideoSession(this.session, { room: this.room, ...video });
    for (const type of TOLD) this.video.on(type, (event) => this.events.push(event));
    this.room.join(USER);
  }

  async start(): Promise<void> {
    await this.video.start({ agent: this.agent });
  }

  /** The user turns a camera or a screen on. */
  publish(media: Media, source = TrackSource.SOURCE_CAMERA): LoopbackPublication {
    return this.room.publish(USER, media.track, source);
  }

  /** A watched camera. Resolves when its stream is open. */
  async watch(media: Media, source?: TrackSource): Promise<LoopbackPublication> {
    const publication = this.publish(media, source);
    const { sid } = publication;
    await within(
      'stream of the track',
      waitFor(
        this.video.actor,
        ({ context }) =>
          sourceAt(context)?.pick?.sid === sid && sourceAt(context)?.streamStatus !== 'none',
      ),
    );
    return publication;
  }

  /** The reports on whether pictures can reach the model, without `model.`. */
  get link(): string[] {
    return this.#told('model.sighted', 'model.waiting', 'model.blind');
  }

  /** The reports on its connections, without `model.`. */
  get life(): string[] {
    return this.#told('model.dropped', 'model.resumed');
  }

  #told(...types: readonly VideoEvent['type'][]): string[] {
    return this.events.flatMap(({ type }) =>
      types.includes(type) ? [type.slice('model.'.length)] : [],
    );
  }

  /** The reasons of skipped samples, in order. */
  get skips(): string[] {
    return this.events.flatMap((event) => (event.type === 'sample.skipped' ? [event.reason] : []));
  }

  /** The next event of this type. */
  next<T extends VideoEvent['type']>(
    type: T,
    wanted: (event: VideoEventOf<T>) => boolean = () => true,
  ): Promise<VideoEventOf<T>> {
    const told = new Promise<VideoEventOf<T>>((resolve) => {
      const stop = this.video.on(type, (event) => {
        if (!wanted(event)) return;
        stop();
        resolve(event);
      });
    });
    return within(`event ${type}`, told);
  }

  /** Pictures on one connection, in order. */
  framesOn(connection: number): ReceivedFrame[] {
    return this.fake.frames.filter((frame) => frame.connection === connection);
  }

  /** Grey levels of the pictures on one connection. */
  levelsOn(connection: number): Promise<number[]> {
    return Promise.all(this.framesOn(connection).map(levelOf));
  }

  /** Shows a level. Resolves when the service has it. */
  async shown(camera: TestCamera, level: number): Promise<void> {
    const arrived = this.fake.nextFrame();
    const looked = this.video.look();
    camera.show(level);
    await looked;
    await arrived;
  }

  /** Shows frames without waiting for each; the last one is the newest. */
  async showMeanwhile(camera: TestCamera, ...levels: number[]): Promise<void> {
    for (const level of levels) {
      const looked = this.video.look();
      camera.show(level);
      await looked;
    }
    await this.settled();
  }

  /** Resolves when no sample is under way and all events so far have been delivered. */
  async settled(): Promise<void> {
    const isFree = () => {
      // The children of a machine have no specific type.
      const views = Object.values(this.video.actor.getSnapshot().children) as AnyActorRef[];
      return views.every((view) => {
        const sampling: unknown = view.getSnapshot().children?.sampling?.getSnapshot();
        return !/"sample":"(capturing|pushing)"/.test(JSON.stringify(sampling) ?? '');
      });
    };
    // The machine checks for a new connection every 100 ms.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await until('the end of a sample', isFree);
  }

  /** The session ends first: its plugin would otherwise reconnect to a closed service. */
  async end(): Promise<void> {
    await this.video.close();
    await this.session.close();
    await this.fake.close();
  }
}

const TOLD = [
  'model.sighted',
  'model.waiting',
  'model.blind',
  'model.dropped',
  'model.resumed',
  'sample.sent',
  'sample.skipped',
  'source.switched',
  'pick.changed',
  'sampler.failed',
  'error',
] as const satisfies readonly VideoEvent['type'][];

const stages: { end(): Promise<void> }[] = [];

/** An agent session takes half a second to end; the next test can run meanwhile. */
const endings: Promise<void>[] = [];

/** Ends all stages of a test; for `afterEach`. */
export function endStages(): void {
  endings.push(...stages.splice(0).map((stage) => stage.end()));
}

/** Resolves when all stages of a file have ended; for `afterAll`. */
export async function stagesEnded(): Promise<void> {
  endStages();
  await Promise.all(endings.splice(0));
}

export async function geminiStage(
  options: StageOptions = {},
): Promise<RealtimeStage<FakeGeminiLive>> {
  const fake = new FakeGeminiLive(options.gemini);
  const { baseUrl } = await fake.listen();
  // With the agent's own instructions it connects once.
  const model = new google.realtime.RealtimeModel({
    apiKey: 'k',
    httpOptions: { baseUrl },
    instructions: INSTRUCTIONS,
    ...options.google,
  });
  return kept(new RealtimeStage(fake, options.model ?? model, options));
}

type OpenAIOptions = NonNullable<StageOptions['openai']>;

/** Creates the model of a service that has OpenAI's protocol. */
export type MakeOpenAIModel = (
  options: OpenAIOptions & { apiKey: string; baseURL: string },
) => llm.RealtimeModel;

export async function openAIStage(
  options: StageOptions = {},
  makeModel: MakeOpenAIModel = (given) => new openai.realtime.RealtimeModel(given),
): Promise<RealtimeStage<FakeOpenAIRealtime>> {
  const fake = new FakeOpenAIRealtime(options.service);
  const { baseUrl } = await fake.listen();
  const model = makeModel({ apiKey: 'k', baseURL: baseUrl, ...options.openai });
  return kept(new RealtimeStage(fake, options.model ?? model, options));
}

export async function gptLiveStage(
  options: StageOptions & {
    readonly gptLive?: Partial<openai.realtime.GPTLiveModelOptions>;
  } = {},
): Promise<RealtimeStage<GPTLiveService>> {
  const service = new GPTLiveService();
  const { baseUrl } = await service.listen();
  const model = new openai.realtime.GPTLiveModel({
    apiKey: 'k',
    baseURL: baseUrl,
    ...options.gptLive,
  });
  // The framework's own wrapper of such a model.
  return kept(new RealtimeStage(service, new llm.DuplexRealtimeAdapter(model), options));
}

/** A stage that is created but not started. */
export function setStage(provider: ProviderName, options?: StageOptions): Promise<RealtimeStage> {
  return provider === 'google' ? geminiStage(options) : openAIStage(options);
}

/** A stage whose plugin is connected. */
export async function liveStage(
  provider: ProviderName,
  options?: StageOptions,
): Promise<RealtimeStage> {
  const stage = await setStage(provider, options);
  await live(stage);
  return stage;
}

/** Starts a stage. Resolves when pictures can be sent. */
export async function live(stage: RealtimeStage<ModelService<FakeConnection>>): Promise<void> {
  const sighted = stage.next('model.sighted');
  await stage.start();
  await sighted;
}

function kept<S extends { end(): Promise<void> }>(stage: S): S {
  stages.push(stage);
  return stage;
}

/** Which of the grey levels of a {@link TestCamera} a picture shows. */
export async function levelOf({ data }: Pick<ReceivedFrame, 'data'>): Promise<number> {
  const { channels } = await sharp(data).stats();
  const luma = 16 + ((channels[0]?.mean ?? 0) * 219) / 255;
  return Math.round((luma - 16) / 20);
}
