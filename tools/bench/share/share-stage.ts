import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import type { Size } from '../../../src/frames/geometry.ts';
import { type SeenFrame, VideoSession } from '../../../src/index.ts';
import { AGENT, USER } from '../../../src/testing/identities.ts';
import { RecordingLLM } from '../../../src/testing/index.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { joinRoom, ticket, uniqueRoomName } from '../../../src/testing/rooms.ts';
import { BrowserShare } from './browser-share.ts';

/** Limit of a busy machine, in ms. */
const PATIENCE_MS = 60_000;

export interface Programs {
  readonly server: LiveKitServer;
  /** Path of Chromium. */
  readonly browser: string;
}

/** A real room with a user who shares a tab of Chromium, and an agent that looks at it. */
export class ShareStage {
  readonly user: BrowserShare;
  readonly #video: VideoSession;
  readonly #session: voice.AgentSession;
  readonly #room: Room;

  private constructor(user: BrowserShare, room: Room) {
    this.user = user;
    this.#room = room;
    this.#session = new voice.AgentSession({
      ...{ llm: new RecordingLLM(), vad: null },
      turnHandling: { turnDetection: null },
    });
    this.#video = new VideoSession(this.#session, {
      room,
      input: { source: 'screen', lookTimeoutMs: PATIENCE_MS, stallAfterMs: PATIENCE_MS },
    });
  }

  static async open({ server, browser }: Programs, size: Size): Promise<ShareStage> {
    const name = uniqueRoomName('share');
    const room = await joinRoom(server, name, AGENT, { kind: 'agent' });
    const user = await ticket(server, name, USER)
      .then((invited) => BrowserShare.open(browser, size, invited))
      .catch(async (error: unknown) => {
        await room.disconnect();
        throw error;
      });
    const stage = new ShareStage(user, room);
    try {
      await stage.#video.start({
        agent: new voice.Agent({ instructions: 'Read.' }),
        inputOptions: { audioEnabled: false, closeOnDisconnect: false },
        outputOptions: { audioEnabled: false },
      });
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** A frame as it arrives, without scaling. */
  look(): Promise<SeenFrame> {
    return this.#video.look();
  }

  async close(): Promise<void> {
    await this.user.close();
    await this.#video.close();
    await this.#session.close();
    await this.#room.disconnect();
  }
}
