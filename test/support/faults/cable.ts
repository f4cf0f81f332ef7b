import { connect, createServer, type Server, type Socket } from 'node:net';

interface Line {
  isCut: boolean;
  /** Called for each connection that is attempted during the cut. */
  onRefused: () => void;
}

/**
 * A network cable between one participant and the server. It carries TCP, which is the signal
 * socket. Media use UDP and are not cut.
 */
export class Cable {
  /** The address at which the participant reaches the server. */
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
        // A broken connection closes both ends.
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

  /** Breaks all connections; new ones are accepted. */
  break(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Breaks all connections and refuses new ones. Resolves when the first one is refused. */
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
