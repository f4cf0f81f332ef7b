import { connect, createServer, type Server, type Socket } from 'node:net';

interface Line {
  isCut: boolean;
  /** Called for each connection that was tried while it is cut. */
  onRefused: () => void;
}

/**
 * A network cable between one participant and the server: what goes over TCP, which is the signal
 * socket. Media go over UDP and are not cut.
 */
export class Cable {
  /** Where the participant finds the server. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #line: Line;

  private constructor(url: string, server: Server, sockets: Set<Socket>, line: Line) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#line = line;
  }

  /** From a free port of the loopback address to this server. */
  static async to({ url }: { readonly url: string }): Promise<Cable> {
    const { hostname, port } = new URL(url);
    const sockets = new Set<Socket>();
    const line: Line = { isCut: false, onRefused: () => {} };
    const server = createServer((near) => {
      if (line.isCut) {
        near.destroy();
        line.onRefused();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.pipe(other);
        // The other end of a broken line gets to know of it, too.
        socket.on('error', () => other.destroy());
        socket.once('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('the cable has no port');
    return new Cable(`ws://127.0.0.1:${address.port}`, server, sockets, line);
  }

  /** Breaks all connections; new ones are let through. */
  break(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Breaks all connections and refuses new ones; done when the first was refused. */
  cut(): Promise<void> {
    const refused = new Promise<void>((resolve) => {
      this.#line.onRefused = resolve;
    });
    this.#line.isCut = true;
    this.break();
    return refused;
  }

  mend(): void {
    this.#line.isCut = false;
  }

  async close(): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
