import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Arrivals } from './waiting.ts';

/** The newest user message of a request: its text and pictures. */
export interface ChatQuestion {
  readonly text: string;
  /** Data URLs. */
  readonly pictures: readonly string[];
}

interface Part {
  type: string;
  text?: string;
  image_url?: { url: string };
}
interface Message {
  role: string;
  content: string | Part[];
}

/**
 * Chat completions on loopback, as in LiveKit Inference: each request gets the same streamed
 * answer. The web sockets of its STT and TTS accept connections and stay silent.
 */
export class FakeChatCompletions {
  readonly questions: ChatQuestion[] = [];
  readonly #asked = new Arrivals<ChatQuestion>();
  readonly #http = createServer((request, response) => void this.#answer(request, response));

  readonly #silent = new WebSocketServer({ noServer: true });

  async listen(): Promise<string> {
    this.#http.on('upgrade', (request, socket, head) => {
      this.#silent.handleUpgrade(request, socket, head, () => {});
    });
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1`;
  }

  /** The next question that matches. */
  next(wanted: (question: ChatQuestion) => boolean): Promise<ChatQuestion> {
    return this.#asked.next('a question', wanted, 30_000);
  }

  async close(): Promise<void> {
    for (const client of this.#silent.clients) client.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isChat = request.method === 'POST' && request.url === '/v1/chat/completions';
    if (!isChat || !request.headers.authorization?.startsWith('Bearer ')) {
      response.writeHead(isChat ? 401 : 404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { messages, model, stream } = JSON.parse(Buffer.concat(chunks).toString()) as {
      messages: Message[];
      model?: string;
      stream?: boolean;
    };
    if (!model || !stream) {
      response.writeHead(400).end();
      return;
    }
    const question = questionOf(messages.findLast(({ role }) => role === 'user'));
    this.questions.push(question);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (delta: object, finish_reason: string | null) =>
      `data: ${JSON.stringify({
        id: 'c1',
        object: 'chat.completion.chunk',
        created: 0,
        model,
        choices: [{ index: 0, delta, finish_reason }],
      })}\n\n`;
    response.end(
      `${chunk({ role: 'assistant', content: 'I see it.' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`,
    );
    this.#asked.arrived(question);
  }
}

function questionOf(message: Message | undefined): ChatQuestion {
  const content = message?.content ?? [];
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return {
    text: parts.flatMap((part) => part.text ?? []).join(' '),
    pictures: parts.flatMap((part: Part) => part.image_url?.url ?? []),
  };
}
