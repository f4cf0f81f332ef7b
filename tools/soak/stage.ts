import { voice } from '@livekit/agents';
import { type Room, RoomEvent, TrackSource } from '@livekit/rtc-node';
import { VideoSession } from '../../src/index.ts';
import { USER } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { User } from '../../src/testing/processes/user.ts';
import type { Shared } from '../../src/testing/processes/user-process.ts';
import { joinRoom, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import type { AgentKind } from '../../src/testing/story/steps.ts';
import { untilEvent, within } from '../../src/testing/waits.ts';
import { SoakAvatars } from './avatar.ts';
import type { TrackKind } from './engine-cost.ts';
import { INSTRUCTIONS, type ModelServices, type SoakModels, soakModels } from './models.ts';

/** Time limit on a machine that is shared with other work, in ms. */
export const LIMIT_MS = 60_000;

/** How one session differs from the others. */
export interface SoakPlan {
  readonly name: string;
  /** The agent at each rest. */
  readonly home: AgentKind;
  /** It speaks, with an avatar. */
  readonly hasAvatar: boolean;
}

/** Other work on the machine makes no start fail. */
const PATIENT = { startTimeoutMs: LIMIT_MS, joinTimeoutMs: LIMIT_MS };

/** A room on a real server, a user in a separate process, and an agent with video in this one. */
export class SoakStage {
  readonly plan: SoakPlan;
  readonly room: Room;
  readonly session: voice.AgentSession;
  readonly video: VideoSession;
  readonly services: ModelServices;
  /** `undefined` for a session without an avatar. */
  readonly avatars: SoakAvatars | undefined;
  /** Questions that got no answer, with the state of the session then. */
  readonly unanswered: string[] = [];
  /** Tracks that the agent was subscribed to, and that it published. */
  readonly tracks: Record<TrackKind, number> = { subscribed: 0, published: 0 };
  readonly #user: User;
  /** What the user shares, and whether it is muted. */
  readonly #shares = new Map<Shared, boolean>();
  readonly #models: SoakModels;
  #agents = 0;
  /** The active agent. */
  #kind: AgentKind;

  private constructor(
    plan: SoakPlan,
    room: Room,
    user: User,
    services: ModelServices,
    models: SoakModels,
    avatars: SoakAvatars | undefined,
  ) {
    this.plan = plan;
    this.room = room;
    room.on(RoomEvent.TrackSubscribed, () => {
      this.tracks.subscribed += 1;
    });
    room.on(RoomEvent.LocalTrackPublished, () => {
      this.tracks.published += 1;
    });
    this.services = services;
    this.avatars = avatars;
    this.#user = user;
    this.#models = models;
    this.#kind = plan.home;
    this.session = new voice.AgentSession({
      llm: models[plan.home],
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(this.session, {
      room,
      ...(avatars && { avatar: avatars.make, avatarLimits: PATIENT }),
      input: { lookTimeoutMs: 5000 },
      turn: { attachBudgetMs: 1000 },
    });
  }

  static async open(
    plan: SoakPlan,
    server: LiveKitServer,
    services: ModelServices,
  ): Promise<SoakStage> {
    const user = new User();
    const roomName = uniqueRoomName(`soak-${plan.name}`);
    const room = await joinRoom(server, roomName, 'agent', { kind: 'agent' });
    const avatars = plan.hasAvatar ? new SoakAvatars(server) : undefined;
    const models = soakModels(await services.addresses());
    const stage = new SoakStage(plan, room, user, services, models, avatars);
    await stage.video.start({
      agent: stage.#newAgent(plan.home),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      // The answers are texts without a sound, with which the framework would keep them in time.
      outputOptions: { audioEnabled: plan.hasAvatar, syncTranscription: false },
    });
    await user.request({ do: 'connect', ticket: await ticket(server, roomName, 'user') });
    await user.request({ do: 'meetAgent' }, LIMIT_MS);
    return stage;
  }

  isShared(what: Shared): boolean {
    return this.#shares.has(what);
  }

  isMuted(what: Shared): boolean {
    return this.#shares.get(what) ?? false;
  }

  async share(what: Shared): Promise<void> {
    await this.#user.request({ do: 'share', what, text: this.plan.name.toUpperCase() });
    this.#shares.set(what, false);
  }

  /**
   * Resolves when the agent's room knows it too. rtc-node's engine ends the process if a track is
   * switched on at the moment its end arrives: `set_enabled` looks up the track twice, and assumes
   * that the second look-up succeeds.
   */
  async stop(what: Shared): Promise<void> {
    await this.#user.request({ do: 'stop', what });
    this.#shares.delete(what);
    const source = what === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE;
    const isGone = () => {
      const { trackPublications } = this.room.remoteParticipants.get(USER) ?? {};
      return [...(trackPublications?.values() ?? [])].every((one) => one.source !== source);
    };
    await untilEvent(`end of the ${what}`, this.room, [RoomEvent.TrackUnpublished], isGone);
  }

  async mute(what: Shared, muted: boolean): Promise<void> {
    await this.#user.request({ do: 'mute', what, muted });
    this.#shares.set(what, muted);
  }

  /**
   * A typed question; resolves with its answer. The framework can lose one that comes while another
   * agent takes over; it is counted.
   */
  async ask(): Promise<void> {
    try {
      await this.#user.ask('What can you see?');
    } catch (error) {
      const { agentState, userState } = this.session;
      this.unanswered.push(
        `${this.#kind}, agent ${agentState}, user ${userState}: ${String(error)}`,
      );
    }
  }

  /** Another agent takes over; resolves when it has. */
  async handOff(kind: AgentKind): Promise<void> {
    let stop = () => {};
    const handedOff = new Promise<void>((resolve) => {
      stop = this.video.on('agent.handedOff', () => resolve());
    });
    try {
      this.session.updateAgent(this.#newAgent(kind));
      await within(`hand-off from ${this.#kind} to ${kind}`, handedOff, LIMIT_MS);
      this.#kind = kind;
    } finally {
      stop();
    }
  }

  /**
   * Brings everything into the same state: one camera is shared, watched and live, the agent is the
   * first one, and a new avatar speaks for it. Then it asks one question. Counts at one rest are
   * comparable with those at another.
   */
  async rest(): Promise<void> {
    this.video.setMode('sampled');
    this.video.pinSource(null);
    if (this.isShared('screen')) await this.stop('screen');
    if (!this.isShared('camera')) await this.share('camera');
    if (this.isMuted('camera')) await this.mute('camera', false);
    await this.handOff(this.plan.home);
    await this.#newAvatar();
    const deadline = performance.now() + LIMIT_MS;
    while (true) {
      try {
        await this.video.look();
        break;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
    await this.ask();
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.#user.leave();
    await this.room.disconnect();
  }

  #newAgent(kind: AgentKind): voice.Agent {
    this.#agents += 1;
    const id = `${kind}-${this.#agents}`;
    return new voice.Agent({ id, instructions: INSTRUCTIONS, llm: this.#models[kind] });
  }

  async #newAvatar(): Promise<void> {
    if (!this.avatars) return;
    const { video, avatars } = this;
    let stop = () => {};
    const shown = new Promise<void>((resolve) => {
      stop = video.on('avatar.shown', () => resolve());
    });
    try {
      video.setAvatar(avatars.make);
      await within('a new avatar', shown, LIMIT_MS);
    } finally {
      stop();
    }
  }
}
