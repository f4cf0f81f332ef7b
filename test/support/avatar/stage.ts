import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import type { AvatarOption } from '../../../src/avatar/avatar-session.ts';
import { type VideoEvent, VideoSession } from '../../../src/index.ts';
import type { AvatarLimits } from '../../../src/session/options.ts';
import { Ears } from '../../../src/testing/avatar/ears.ts';
import { stairSpeech } from '../../../src/testing/avatar/stair.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { RecordingLLM } from '../../../src/testing/recording-llm.ts';
import { joinRoom, uniqueRoomName } from '../../../src/testing/rooms.ts';
import { until } from '../../../src/testing/waits.ts';

export interface StageOptions {
  avatar(stage: { server: LiveKitServer; room: string }): AvatarOption | null;
  avatarLimits?: AvatarLimits;
}

const stages: AvatarStage[] = [];

/** Ends all stages; for `afterEach`. */
export async function endStages(): Promise<void> {
  for (const stage of stages.splice(0)) await stage.end();
}

/** A user who listens, and an agent with an avatar, in a real room. */
export class AvatarStage {
  readonly server: LiveKitServer;
  readonly name = uniqueRoomName('avatar');
  readonly told: string[] = [];
  /** The transcript of the agent's speech, in the pieces that the user's frontend gets. */
  readonly words: { at: number; text: string }[] = [];
  readonly session = new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
  #video: VideoSession | undefined;
  #agentRoom: Room | undefined;
  #user: { room: Room; ears: Ears } | undefined;

  private constructor(server: LiveKitServer) {
    this.server = server;
  }

  static async set(
    server: LiveKitServer,
    { avatar, avatarLimits }: StageOptions,
  ): Promise<AvatarStage> {
    const stage = new AvatarStage(server);
    stages.push(stage);
    await stage.userJoins();
    stage.#agentRoom = await joinRoom(server, stage.name, AGENT, { kind: 'agent' });
    stage.#video = new VideoSession(stage.session, {
      room: stage.#agentRoom,
      avatar: avatar({ server, room: stage.name }),
      avatarLimits: { retryBaseMs: 300, ...avatarLimits },
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
    const room = await joinRoom(this.server, this.name, 'user');
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

  async untilTold(what: string, times = 1): Promise<void> {
    await until(
      `${what}, after ${this.told.join(', ') || 'nothing'}`,
      () => this.told.filter((one) => one.startsWith(what)).length >= times,
      40_000,
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
