import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { llm } from '@livekit/agents';

/** A provider's HTTP service that records each body and refuses the request. */
export class BodyRecorder {
  readonly #bodies: unknown[] = [];
  readonly #http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.#bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    // The compiler blocks the event loop for seconds, so a connection that is kept may have timed
    // out.
    response.writeHead(400, { 'content-type': 'application/json', connection: 'close' });
    response.end('{"error":{"message":"recorded","code":400}}');
  });

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
      // The request was refused, as all are.
    }
    const body = this.#bodies[before];
    if (body === undefined) throw new Error(`${model.label()} sent nothing`);
    return body;
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
