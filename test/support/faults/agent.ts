import { voice } from '@livekit/agents';
import { waitFor } from 'xstate';
import { TextReader } from '../../../offline/text-reader.ts';
import { type SeenFrame, VideoSession, type VideoSessionOptions } from '../../../src/index.ts';
import type { VideoErrorEvent } from '../../../src/session/reporter.ts';
import { type Held, held, listenerNames } from '../../../src/testing/measure/held.ts';
import type { RecordedRequest } from '../../../src/testing/recorded-request.ts';
import { RecordingLLM } from '../../../src/testing/recording-llm.ts';
import { until, WAIT_LIMIT_MS, within } from '../../../src/testing/waits.ts';
import { closeRooms, type RealRoom } from '../real-room.ts';
import { sourceAt } from '../sources.ts';

export const INSTRUCTIONS = 'You see.';

export interface AgentOptions {
  readonly llm?: VoiceModel;
  readonly video?: Omit<VideoSessionOptions, 'room'>;
  readonly inputOptions?: Partial<voice.RoomInputOptions>;
}

type VoiceModel = NonNullable<
  NonNullable<ConstructorParameters<typeof voice.AgentSession>[0]>['llm']
>;

/**
 * Resources that must not grow. Sockets and timers are left out, since the library also creates
 * them.
 */
const COUNTED = ['listeners', 'nativeStreams', 'frames', 'actors'] as const;

const running = new Set<Agent>();
const reader = new TextReader();

/** Ends the agents of a test and then its rooms; for `afterEach`. */
export async function endAgents(): Promise<void> {
  await Promise.all([...running].map((agent) => agent.close()));
  await closeRooms();
}

/** Ends the readers; for `afterAll`. */
export const endReading = (): Promise<void> => reader.close();

/** The words in a picture that an agent got. */
export async function textIn(frame: SeenFrame): Promise<string> {
  const { data } = await frame.encode();
  return reader.read(data);
}

/** The words in the only picture of the turn that this request answers. */
export async function textShownTo({ ownPictures }: RecordedRequest): Promise<string> {
  const [{ image } = {}, ...more] = ownPictures;
  if (typeof image !== 'string' || more.length > 0)
    throw new Error(`one encoded picture was expected, not ${ownPictures.length}`);
  return reader.read(Buffer.from(image.slice(image.indexOf(',') + 1), 'base64'));
}

/** An agent in a real room, started as a worker does it. It ends when its user hangs up. */
export class Agent {
  readonly model = new RecordingLLM();
  readonly room: RealRoom['agentRoom'];
  readonly session: voice.AgentSession;
  readonly video: VideoSession;
  readonly errors: VideoErrorEvent[] = [];

  private constructor({ agentRoom }: RealRoom, { llm, video = {} }: AgentOptions) {
    this.room = agentRoom;
    this.session = new voice.AgentSession({
      llm: llm ?? this.model,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(this.session, {
      ...video,
      room: agentRoom,
      // Machines that run tests are busy, so a late picture is not a failure here.
      input: { lookTimeoutMs: WAIT_LIMIT_MS, ...video.input },
      turn: { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS, ...video.turn },
    });
    this.video.on('error', (event) => this.errors.push(event));
  }

  /** The agent must have joined the room. */
  static async start(room: RealRoom, options: AgentOptions = {}): Promise<Agent> {
    const agent = new Agent(room, options);
    running.add(agent);
    await agent.video.start({
      agent: new voice.Agent({ instructions: INSTRUCTIONS }),
      inputOptions: { audioEnabled: false, ...options.inputOptions },
      outputOptions: { audioEnabled: false },
    });
    return agent;
  }

  /** The next frame of this track after it becomes the watched one. */
  async see({ sid }: { readonly sid: string }): Promise<SeenFrame> {
    await this.untilWatching(sid);
    let frame = await this.video.look();
    // One more frame of the old track may have been under way.
    while (frame.trackSid !== sid) frame = await this.video.look();
    return frame;
  }

  /** Resolves when this track is watched; without an argument, when no track is. */
  async untilWatching(sid?: string): Promise<void> {
    const picked = waitFor(this.video.actor, ({ context }) => sourceAt(context)?.pick?.sid === sid);
    await within(`moment of watching ${sid ?? 'nothing'}`, picked);
  }

  get isOpen(): boolean {
    return this.video.actor.getSnapshot().hasTag('open');
  }

  /** The resources that its process holds now. */
  get held(): Held {
    return held([this]);
  }

  /** Waits until no resource counts more than before. */
  async untilHoldsNoMoreThan(before: Held): Promise<void> {
    const names = () => listenerNames([process, this.room, this.session]);
    const more = () => {
      const now = this.held;
      return COUNTED.filter((name) => now[name] > before[name]).map(
        (name) => `${now[name]} ${name}, not ${before[name]}`,
      );
    };
    await until('back to what it held', () => more().length === 0).catch((error) => {
      throw new Error(`${error.message}: ${more().join('; ')}. Listeners: ${names()}`);
    });
  }

  async close(): Promise<void> {
    running.delete(this);
    await this.video.close();
  }
}
