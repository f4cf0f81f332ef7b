import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import type { AvatarOption } from '../../../src/avatar/avatar-session.ts';
import { type VideoEvent, VideoSession } from '../../../src/index.ts';
import type { AvatarLimits } from '../../../src/session/options.ts';
import { Ears } from '../../../src/testing/avatar/ears.ts';
import { stairSpeech, stairSteps } from '../../../src/testing/avatar/stair.ts';
import { AGENT, USER } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../../src/testing/recording-llm.ts';
import { joinRoom, uniqueRoomName } from '../../../src/testing/rooms.ts';
import { until, WAIT_LIMIT_MS } from '../../../src/testing/waits.ts';

export interface StageOptions<Place = ServerPlace> {
  avatar(place: Place): AvatarOption | null;
  avatarLimits?: AvatarLimits;
}

type ServerPlace = { server: LiveKitServer; room: string };

/** Joins the stage's room. */
type Join = (identity: string, kind: 'agent' | 'standard') => Promise<Room>;

/** On a busy machine, an avatar's process starts slowly, and its speech begins late and has gaps. */
const UNHURRIED = {
  startTimeoutMs: WAIT_LIMIT_MS,
  joinTimeoutMs: WAIT_LIMIT_MS,
  playbackStartTimeoutMs: WAIT_LIMIT_MS,
  silentAfterMs: WAIT_LIMIT_MS,
};

/**
 * For a test whose avatar dies in silence: the option `silentAfterMs`. Long enough for the gaps of a
 * busy machine.
 */
export const SILENT_AFTER_MS = 1500;

/** Length of a speech that is interrupted, in ms: no machine takes as long for that. */
const LONG_MS = 60_000;
/** Sounds of 20 ms that a listener has heard before the interruption. */
const HEARD_FIRST = 20;

const stages: AvatarStage[] = [];

/** Ends all stages; for `afterEach`. */
export async function endStages(): Promise<void> {
  for (const stage of stages.splice(0)) await stage.end();
}

/** A user who listens, and an agent with an avatar, in a real room. */
export class AvatarStage {
  /** Of the room. */
  readonly name: string;
  readonly told: string[] = [];
  /** The transcript of the agent's speech, in the pieces that the user's frontend gets. */
  readonly words: { at: number; text: string }[] = [];
  readonly session = new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
  #video: VideoSession | undefined;
  #agentRoom: Room | undefined;
  #user: { room: Room; ears: Ears } | undefined;

  readonly #join: Join;

  private constructor(name: string, join: Join) {
    this.name = name;
    this.#join = join;
  }

  /** In a room of a server. */
  static set(server: LiveKitServer, options: StageOptions): Promise<AvatarStage> {
    const room = uniqueRoomName('avatar');
    const join: Join = (identity, kind) => joinRoom(server, room, identity, { kind });
    return AvatarStage.#set(room, join, { server, room }, options);
  }

  /** In a loopback room. */
  static setOnLoopback(options: StageOptions<LoopbackRoom>): Promise<AvatarStage> {
    const room = new LoopbackRoom({ identity: AGENT, speech: true });
    const join: Join = async (identity) =>
      (identity === AGENT ? room : await room.joinAs(identity)).asRoom();
    return AvatarStage.#set(room.name, join, room, options);
  }

  static async #set<Place>(
    name: string,
    join: Join,
    place: Place,
    { avatar, avatarLimits }: StageOptions<Place>,
  ): Promise<AvatarStage> {
    const stage = new AvatarStage(name, join);
    stages.push(stage);
    await stage.userJoins();
    stage.#agentRoom = await join(AGENT, 'agent');
    stage.#video = new VideoSession(stage.session, {
      room: stage.#agentRoom,
      avatar: avatar(place),
      avatarLimits: { retryBaseMs: 300, ...UNHURRIED, ...avatarLimits },
    });
    for (const type of TOLD) stage.video.on(type, (event) => stage.told.push(inWords(event)));
    return stage;
  }

  get video(): VideoSession {
    if (!this.#video) throw new Error('the stage is not set');
    return this.#video;
  }

  get agentRoom(): Room {
    if (!this.#agentRoom) throw new Error('the stage is not set');
    return this.#agentRoom;
  }

  get ears(): Ears {
    if (!this.#user) throw new Error('the user is not there');
    return this.#user.ears;
  }

  async userJoins(): Promise<void> {
    const room = await this.#join(USER, 'standard');
    this.#user = { room, ears: new Ears(room) };
    room.registerTextStreamHandler('lk.transcription', async (reader) => {
      for await (const text of reader) this.words.push({ at: Date.now(), text });
    });
  }

  async userLeaves(): Promise<void> {
    const user = this.#user;
    this.#user = undefined;
    await user?.ears.close();
    await user?.room.disconnect();
  }

  /** Starts the agent, and resolves when it is live. */
  async start(): Promise<void> {
    await this.video.start({
      agent: new voice.Agent({ instructions: 'Speak.' }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { transcriptionEnabled: true },
    });
  }

  /** The agent speaks a stair. */
  say(ms: number, text = 'A stair.'): voice.SpeechHandle {
    return this.session.say(text, { audio: stairSpeech(ms) });
  }

  /** Resolves when all speech so far has arrived. */
  async quiet(): Promise<void> {
    await this.ears.quiet();
  }

  /** Who is heard while the agent speaks for this time, in ms. */
  async voices(ms: number): Promise<string[]> {
    await this.quiet();
    const before = Date.now();
    await this.say(ms).waitForPlayout();
    await this.quiet();
    return this.ears.speakers(before);
  }

  /** Interrupts a long speech at its beginning. Resolves to the share of it that was heard. */
  async interrupted(): Promise<number> {
    const { ears } = this;
    const [sounds, steps] = [ears.sounds.length, ears.steps.length];
    const speech = this.say(LONG_MS);
    await until('the avatar is heard', () => ears.sounds.length > sounds + HEARD_FIRST);
    speech.interrupt();
    await speech.waitForPlayout();
    await this.quiet();
    return (ears.steps.length - steps) / stairSteps(LONG_MS).length;
  }

  async untilTold(what: string, times = 1): Promise<void> {
    await until(
      `${what}, after ${this.told.join(', ') || 'nothing'}`,
      () => this.told.filter((one) => one.startsWith(what)).length >= times,
    );
  }

  async end(): Promise<void> {
    await this.#video?.close();
    await this.#agentRoom?.disconnect();
    await this.userLeaves();
  }
}

const TOLD = [
  'avatar.shown',
  'avatar.lost',
  'avatar.failed',
  'avatar.givenUp',
  'avatar.away',
  'avatar.dismissed',
] as const;

function inWords(event: VideoEvent): string {
  const what = event.type.replace('avatar.', '');
  return 'reason' in event ? `${what}: ${event.reason}` : what;
}
