import { type llm, voice } from '@livekit/agents';
import { type Room, RoomEvent, TrackSource } from '@livekit/rtc-node';
import { VideoSession } from '../../src/index.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { User } from '../../src/testing/processes/user.ts';
import type { Shared } from '../../src/testing/processes/user-process.ts';
import { joinRoom, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import { untilEvent, within } from '../../src/testing/waits.ts';

export const INSTRUCTIONS = 'You see.';

/** Time limit on a machine that is shared with other work, in ms. */
const LIMIT_MS = 60_000;

/** A room on a real server, a user in a separate process, and an agent with video in this one. */
export class SoakStage {
  readonly name: string;
  readonly room: Room;
  readonly session: voice.AgentSession;
  readonly video: VideoSession;
  /** Questions that got no answer, with the state of the session then. */
  readonly unanswered: string[] = [];
  readonly #user: User;
  /** What the user shares, and whether it is muted. */
  readonly #shares = new Map<Shared, boolean>();
  #agents = 0;

  private constructor(name: string, room: Room, user: User, model: llm.LLM | llm.RealtimeModel) {
    this.name = name;
    this.room = room;
    this.#user = user;
    this.session = new voice.AgentSession({
      llm: model,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(this.session, {
      room,
      input: { lookTimeoutMs: 5000 },
      turn: { attachBudgetMs: 1000 },
    });
  }

  static async open(
    name: string,
    server: LiveKitServer,
    model: llm.LLM | llm.RealtimeModel,
  ): Promise<SoakStage> {
    const user = new User();
    const roomName = uniqueRoomName(`soak-${name}`);
    const room = await joinRoom(server, roomName, 'agent', { kind: 'agent' });
    const stage = new SoakStage(name, room, user, model);
    await stage.video.start({
      agent: stage.#newAgent(),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { audioEnabled: false },
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
    await this.#user.request({ do: 'share', what, text: this.name.toUpperCase() });
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
    const isGone = () =>
      [...this.room.remoteParticipants.values()].every(({ trackPublications }) =>
        [...trackPublications.values()].every((publication) => publication.source !== source),
      );
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
      this.unanswered.push(`agent ${agentState}, user ${userState}: ${String(error)}`);
    }
  }

  /** Another agent takes over; resolves when it has. */
  async handOff(): Promise<void> {
    let stop = () => {};
    const handedOff = new Promise<void>((resolve) => {
      stop = this.video.on('agent.handedOff', () => resolve());
    });
    try {
      this.session.updateAgent(this.#newAgent());
      await within('hand-off', handedOff, LIMIT_MS);
    } finally {
      stop();
    }
  }

  /**
   * Brings everything into the same state: one camera is shared, watched and live. Counts at one
   * rest are then comparable with those at another.
   */
  async rest(): Promise<void> {
    this.video.setMode('sampled');
    this.video.pinSource(null);
    if (this.isShared('screen')) await this.stop('screen');
    if (!this.isShared('camera')) await this.share('camera');
    if (this.isMuted('camera')) await this.mute('camera', false);
    const deadline = performance.now() + LIMIT_MS;
    while (true) {
      try {
        await this.video.look();
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.#user.leave();
    await this.room.disconnect();
  }

  #newAgent(): voice.Agent {
    this.#agents += 1;
    return new voice.Agent({ id: `agent-${this.#agents}`, instructions: INSTRUCTIONS });
  }
}
