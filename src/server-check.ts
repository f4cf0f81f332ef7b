import { RoomServiceClient, TwirpError } from 'livekit-server-sdk';
import { SightlineError } from './errors.ts';
import { textOf } from './thrown.ts';

/** A LiveKit server that cannot be used: its address is wrong, or it has other keys. */
export class LiveKitServerError extends SightlineError {
  constructor(message: string) {
    super('server', message);
  }
}

/** A server takes milliseconds; one that is far away and busy gets this, in seconds. */
const LIMIT_SECONDS = 10;
/** A filter: the answer stays small on a server with many rooms. */
const NO_ROOM = ['sightline-check'];

/**
 * Requests a room that does not exist. A wrong URL or secret is then found before
 * anything connects, and without the access token that the server repeats in its own message.
 *
 * @throws LiveKitServerError of one line, with the remedy.
 */
export async function checkServer(url: string, apiKey: string, apiSecret: string): Promise<void> {
  checkAddress(url);
  try {
    const client = new RoomServiceClient(url, apiKey, apiSecret, { requestTimeout: LIMIT_SECONDS });
    await client.listRooms(NO_ROOM);
  } catch (error) {
    throw new LiveKitServerError(problemOf(url, error));
  }
}

function checkAddress(url: string): void {
  if (/^(ws|http)s?:\/\/[^/]/.test(url) && URL.canParse(url)) return;
  throw new LiveKitServerError(
    `LIVEKIT_URL is ${JSON.stringify(url)}: ` +
      'use an address such as wss://example.livekit.cloud or ws://127.0.0.1:7880',
  );
}

function problemOf(url: string, error: unknown): string {
  if (!(error instanceof TwirpError))
    return (
      `no LiveKit server answers at ${url} (${reasonOf(error)}): ` +
      'start the server, or correct LIVEKIT_URL'
    );
  if (error.status === 401)
    return (
      `the LiveKit server at ${url} refuses the key or its secret: ` +
      'set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of this server'
    );
  return (
    `${url} answers with HTTP status ${error.status}, which a LiveKit server that is well does ` +
    'not: correct LIVEKIT_URL, or see the log of the server'
  );
}

/** The code of a failed connection, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return textOf(error);
  if (error.name === 'TimeoutError') return `no answer within ${LIMIT_SECONDS} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause ? String(cause.code) : cause.message;
}
