import {
  HOW_TO_GET_A_SERVER,
  type LiveKitServer,
  startLiveKitServer,
} from '../../../src/testing/livekit-server.ts';
import { findLiveKitServer } from '../../../src/testing/processes/find-server.ts';
import { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { Complain } from '../../../src/testing/processes/python-reference.ts';
import { ticket, uniqueRoomName } from '../../../src/testing/rooms.ts';

/** Longest start of the publisher, which draws its picture first, in ms. */
const JOIN_LIMIT_MS = 60_000;

/**
 * All agents watch one track, and the server requests at most one key frame each half second. So
 * they would wait for each other, unlike agents with separate users.
 */
const KEY_FRAMES_AT_ONCE = {
  pli_throttle: { low_quality: '1ms', mid_quality: '1ms', high_quality: '1ms' },
};

/** A real room on a separate server, and a user in it who shares a camera. */
export class Stage {
  readonly #server: LiveKitServer;
  readonly #room = uniqueRoomName('bench');
  readonly #publisher: LineChild;
  #agents = 0;

  private constructor(server: LiveKitServer) {
    this.#server = server;
    this.#publisher = LineChild.startNode('publisher', new URL('../publisher.ts', import.meta.url));
  }

  /** `null` without a server. */
  static async open(complain: Complain): Promise<Stage | null> {
    const binary = findLiveKitServer();
    if (!binary) {
      complain(`bench: no streams without a server: ${HOW_TO_GET_A_SERVER}`);
      return null;
    }
    const stage = new Stage(await startLiveKitServer(binary, KEY_FRAMES_AT_ONCE));
    try {
      const { url, token } = await ticket(stage.#server, stage.#room, 'publisher');
      await stage.#publisher.ask(`share ${url} ${token}`, JOIN_LIMIT_MS);
      return stage;
    } catch (error) {
      await stage.end();
      throw error;
    }
  }

  /** The address and a token for one more agent, as words of a line. */
  async invite(): Promise<string> {
    const { url, token } = await ticket(this.#server, this.#room, `agent-${++this.#agents}`);
    return `${url} ${token}`;
  }

  async end(): Promise<void> {
    await this.#publisher.end();
    await this.#server.stop();
  }
}
