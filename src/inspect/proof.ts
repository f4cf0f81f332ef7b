import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';

/** How an inspector answers, in characters: more is not read. */
const MAX_ANSWER = 100;
const NONCE = /^\/proof\?nonce=([\w-]{22,64})$/;

/** What only who knows the token can say to this question; it tells nothing of the token. */
const proofOf = (token: string, nonce: string): string =>
  createHmac('sha256', token).update(`sightline inspector ${nonce}`).digest('base64url');

/** The answer to a request for a proof; nothing where it is another request. */
export function answerTo({ url = '' }: IncomingMessage, token: string): string | undefined {
  const [, nonce] = NONCE.exec(url) ?? [];
  return nonce === undefined ? undefined : proofOf(token, nonce);
}

/** The token in an inspector's address on this machine; Stately's has none. */
export const tokenIn = ({ protocol, hostname, pathname }: URL): string | undefined =>
  protocol === 'ws:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)
    ? /^\/([\w-]{24})\/agent$/.exec(pathname)?.[1]
    : undefined;

/**
 * A connection to an inspector that has proved to know the token, which is not sent before: an
 * address outlives its inspector, and then anybody on the machine may listen there. What it gives
 * back uses that one connection, and opens no other.
 */
export async function provenConnection(
  { hostname, port }: URL,
  token: string,
  signal: AbortSignal,
): Promise<Agent | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const nonce = randomBytes(18).toString('base64url');
  const answer = await new Promise<string | undefined>((resolve) => {
    const asked = request(
      { agent, host: hostname, port: port || '80', path: `/proof?nonce=${nonce}`, signal },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length > MAX_ANSWER) response.destroy();
        });
        response.on('close', () => resolve(text));
      },
    );
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
  if (answer === undefined || !isSame(answer, proofOf(token, nonce))) {
    agent.destroy();
    return undefined;
  }
  agent.createConnection = (_options, done) => {
    const error = new Error('the inspector hung up');
    queueMicrotask(() => done?.(error, undefined as never));
    return undefined;
  };
  return agent;
}

const isSame = (given: string, right: string): boolean =>
  given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
