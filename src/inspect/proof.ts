import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';

/** Longest proof that is read, in characters. */
const MAX_ANSWER = 100;
const NONCE = /^\/proof\?nonce=([\w-]{22,64})$/;

/** Only a holder of the token can compute this answer, and it does not reveal the token. */
const proofOf = (token: string, nonce: string): string =>
  createHmac('sha256', token).update(`sightline inspector ${nonce}`).digest('base64url');

/** The answer to a request for a proof; `undefined` for any other request. */
export function answerTo({ url = '' }: IncomingMessage, token: string): string | undefined {
  const [, nonce] = NONCE.exec(url) ?? [];
  return nonce === undefined ? undefined : proofOf(token, nonce);
}

/** The token in the URL of an inspector on this machine; Stately's URL has none. */
export const tokenIn = ({ protocol, hostname, pathname }: URL): string | undefined =>
  protocol === 'ws:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)
    ? /^\/([\w-]{24})\/agent$/.exec(pathname)?.[1]
    : undefined;

/**
 * A connection to an inspector that has proved that it knows the token, before the token is sent: a
 * URL outlives its inspector, and then any program on the machine may listen there. The returned
 * agent uses only this connection.
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
