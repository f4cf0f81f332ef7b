import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * How long a request may take to come, in ms. Node looks every 30 s by itself, whatever the limit is.
 */
export const REQUEST_LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 500,
} as const;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What a request asks for: the part of the path behind the token. */
export interface Granted {
  path: string;
  query: URLSearchParams;
}

/** Compares in a time that does not tell how much of it is right. */
function isToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/**
 * Undefined where the request is not from somebody who was given the address: another token, or a
 * name that a foreign page made point to this machine.
 */
export function grant(request: IncomingMessage, token: string): Granted | undefined {
  if (!isForThisMachine(request)) return undefined;
  const url = request.url ?? '';
  // As it came: `URL` would resolve `..`, and what is asked for should say so.
  const [raw = '', query = ''] = url.split('?', 2);
  const [, given = '', ...rest] = raw.split('/');
  if (!isToken(given, token)) return undefined;
  return { path: rest.join('/'), query: new URLSearchParams(query) };
}

/** Pages of this inspector only. */
export const isOwnOrigin = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin === `http://${host}`;

/** Programs send no origin; an app in a browser has one, and must be of this machine too. */
export const isLocalOrigin = ({ headers: { origin } }: IncomingMessage): boolean =>
  origin === undefined || isLoopback(origin);

function isLoopback(address: string): boolean {
  return URL.canParse(address) && LOOPBACK.has(new URL(address).hostname);
}

/** By its name: a foreign page can make one of its own point to this machine. */
export const isForThisMachine = ({ headers: { host } }: IncomingMessage): boolean =>
  host !== undefined && isLoopback(`http://${host}`);
