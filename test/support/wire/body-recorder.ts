import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { llm } from '@livekit/agents';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * A provider's service that records each body. It refuses each request over HTTP, and answers each
 * message of a web socket as OpenAI's responses API answers one: with a response without output.
 */
export class BodyRecorder {
  readonly #bodies: unknown[] = [];
  readonly #http = createServer((request, response) => void this.#refuse(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http });

  constructor() {
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data) => this.#respond(socket, String(data)));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** The bodies that this model sends for a context. */
  async bodyOf(
    model: llm.LLM,
    context: llm.ChatContext,
    tools?: llm.ToolContext,
  ): Promise<unknown> {
    const before = this.#bodies.length;
    model.on('error', () => {});
    const stream = model.chat({
      chatCtx: context,
      ...(tools ? { toolCtx: tools } : {}),
      connOptions: { maxRetry: 0, retryIntervalMs: 1, timeoutMs: 20_000 },
    });
    try {
      for await (const _ of stream);
    } catch {
      // A request over HTTP was refused, as all are.
    }
    const body = this.#bodies[before];
    if (body === undefined) throw new Error(`${model.label()} sent nothing`);
    return body;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // A client that prepares its connection sends a request without a body.
    if (chunks.length > 0) this.#bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    // The compiler blocks the event loop for seconds, so a connection that is kept may have timed
    // out.
    response.writeHead(400, { 'content-type': 'application/json', connection: 'close' });
    response.end('{"error":{"message":"recorded","code":400}}');
  }

  #respond(socket: WebSocket, text: string): void {
    this.#bodies.push(JSON.parse(text));
    const response = { id: `resp_${this.#bodies.length}` };
    for (const type of ['response.created', 'response.completed'])
      socket.send(JSON.stringify({ type, response }));
  }
}
