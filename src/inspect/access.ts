import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Time limits of a request, in ms. Node checks them every 30 s, whatever they are. */
export const REQUEST_LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 500,
} as const;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The requested path, without the token. */
export interface Granted {
  path: string;
  query: URLSearchParams;
}

/** Compares in constant time, so that the time reveals nothing about the token. */
function isToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/**
 * The requested path; `undefined` if the token is wrong, or if the host name is not this machine's,
 * because a foreign page can make a name of its own point here.
 */
export function grant(request: IncomingMessage, token: string): Granted | undefined {
  if (!isForThisMachine(request)) return undefined;
  const url = request.url ?? '';
  // Unresolved, because `URL` would resolve `..` and hide it.
  const [raw = '', query = ''] = url.split('?', 2);
  const [, given = '', ...rest] = raw.split('/');
  if (!isToken(given, token)) return undefined;
  return { path: rest.join('/'), query: new URLSearchParams(query) };
}

/** Only this inspector's own pages. */
export const isOwnOrigin = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin === `http://${host}`;

/** Programs send no origin. An app in a browser does, and must be on this machine. */
export const isLocalOrigin = ({ headers: { origin } }: IncomingMessage): boolean =>
  origin === undefined || isLoopback(origin);

function isLoopback(address: string): boolean {
  return URL.canParse(address) && LOOPBACK.has(new URL(address).hostname);
}

/** Checked by name: a foreign page can make a name of its own point to this machine. */
export const isForThisMachine = ({ headers: { host } }: IncomingMessage): boolean =>
  host !== undefined && isLoopback(`http://${host}`);
