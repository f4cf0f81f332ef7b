import { once } from 'node:events';
import { LocalAvatar } from '../../src/index.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';

/** The avatars of a session, each in a process of its own. */
export class SoakAvatars {
  readonly #server: LiveKitServer;
  #newest: LocalAvatar | undefined;

  constructor(server: LiveKitServer) {
    this.#server = server;
  }

  /** A new avatar, for each start. */
  readonly make = (): LocalAvatar => {
    const { url, apiKey, apiSecret } = this.#server;
    this.#newest = new LocalAvatar({ url, apiKey, apiSecret, width: 64, height: 64, fps: 5 });
    return this.#newest;
  };

  /** Kills the process of the newest avatar, if it runs. Resolves when it has exited. */
  async kill(): Promise<void> {
    const avatar = this.#newest;
    if (!avatar?.pid) return;
    const exited = once(avatar as unknown as EventTarget & NodeJS.EventEmitter, 'exit');
    process.kill(avatar.pid, 'SIGKILL');
    await exited;
  }
}
