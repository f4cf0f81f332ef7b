import { fileURLToPath } from 'node:url';
import { within } from '../waits.ts';
import { Child } from './child.ts';
import type { UserReply, UserRequest } from './user-process.ts';

const PROGRAM = fileURLToPath(new URL('./user-process.ts', import.meta.url));

/** Controls a user in another process. */
export class User {
  readonly child = new Child([PROGRAM]);
  readonly #waiting = new Map<number, (reply: UserReply) => void>();
  #nextId = 1;

  constructor() {
    this.child.onLine((line) => {
      const reply = parseReply(line);
      if (reply) this.#waiting.get(reply.id)?.(reply);
    });
  }

  async request(request: UserRequest, limitMs = 50_000): Promise<string> {
    const id = this.#nextId++;
    const replied = new Promise<UserReply>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      void this.child.ended.then(() =>
        reject(new Error(`the user's process ended: ${this.child.output}`)),
      );
    });
    this.child.write(JSON.stringify({ id, ...request }));
    const reply = await within(`reply to ${request.do}`, replied, limitMs);
    this.#waiting.delete(id);
    if ('error' in reply) throw new Error(`user: ${reply.error}`);
    return reply.value;
  }

  ask(question: string): Promise<string> {
    return this.request({ do: 'ask', question });
  }

  /** Asks until the answer contains the text, because the agent gets a new track a moment later. */
  async askUntil(text: string, limitMs = 30_000): Promise<string> {
    const answers = new Set<string>();
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      const answer = await this.ask('What can you see?');
      if (answer.includes(text)) return answer;
      answers.add(answer);
    }
    throw new Error(`no answer contains ${text}: ${[...answers].join('; ')}`);
  }

  async leave(): Promise<void> {
    await this.request({ do: 'leave' });
    await within('end of the user', this.child.ended);
  }
}

/** `undefined` for a log line. */
function parseReply(line: string): UserReply | undefined {
  if (!line.startsWith('{"id":')) return undefined;
  return JSON.parse(line) as UserReply;
}
