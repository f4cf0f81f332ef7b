import { randomUUID } from 'node:crypto';
import type { llm } from '@livekit/agents';
import { UnsupportedModelError } from '../errors.ts';
import { toDataUrl } from '../frames/image-content.ts';
import { OPENAI_PICTURE, type PictureRefusal } from './openai.ts';
import { ID_PREFIX } from './openai-context.ts';
import type { PushResult, RealtimeVideoSink } from './video-sink.ts';

/**
 * The used members of the GPT-Live session, which the framework wraps in its own. All but
 * `sendEvent` and the event are private; `test/integration/plugin-contract.test.ts` fails if a
 * version lacks one.
 */
interface GPTLiveSession {
  sendEvent(event: { type: string }): void;
  on(event: 'openai_server_event_received', listener: (event: ServerEvent | null) => void): void;
  readonly opts: { readonly delegation?: string };
  /** Whether the service accepts commands on the current connection. */
  readonly sessionStarted: boolean;
  /** Commands wait for the next connection: a picture would be stale by then. */
  readonly connectionDraining: boolean;
  readonly ws?: { readonly readyState: number; readonly bufferedAmount: number };
}

type WrappedSession = llm.RealtimeSession & { readonly duplexSession: GPTLiveSession };

interface ServerEvent {
  error?: { client_event_id?: unknown; code?: unknown; message?: unknown } | null;
}

export interface GPTLiveSinkOptions {
  /** How closely the model looks; a higher detail costs more tokens. */
  detail: 'auto' | 'low' | 'high';
  onRefused: (refusal: PictureRefusal) => void;
}

/** Bytes that may be buffered in the socket before a picture is held back. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** Refused pictures in a row before no more are sent on this connection. */
const MAX_REFUSED = 4;
const OPEN = 1;

/** Whether this is a session of the OpenAI plugin's `GPTLiveModel`. */
export function isGPTLiveSession(session: llm.RealtimeSession): session is WrappedSession {
  if (!('duplexSession' in session)) return false;
  const own = Object(session.duplexSession);
  return ['sendEvent', 'sessionStarted', 'opts'].every((member) => member in own);
}

/**
 * GPT-Live: the voice model itself takes no pictures. Each one becomes an item for the Responses
 * model behind it, which answers what the voice model delegates. The protocol cannot delete an item.
 *
 * Written from the plugin's types; not tried against the service.
 *
 * @throws UnsupportedModelError if the application answers delegations, because then there is no
 * model behind it.
 */
export function gptLiveVideoSink(
  { duplexSession: session }: WrappedSession,
  { detail, onRefused }: GPTLiveSinkOptions,
): RealtimeVideoSink {
  if (session.opts.delegation === 'client')
    throw new UnsupportedModelError(
      "GPT-Live with delegation: 'client'",
      "its pictures go to the model that it delegates to: use delegation: 'responses', the default",
    );
  const id = `${ID_PREFIX}${randomUUID()}_`;
  let sent = 0;
  let lastRefused = 0;
  let refusedInARow = 0;
  /** The connection to which the refusals belong. */
  let connection: object | undefined;

  const isBlind = () => refusedInARow >= MAX_REFUSED;

  const send = (eventId: string, role: 'user' | 'developer', content: readonly object[]) => {
    const item = { type: 'message', role, content };
    const event = { type: 'response.item.create', event_id: eventId, item };
    session.sendEvent(event);
  };

  const problem = (): PushResult | undefined => {
    const { ws } = session;
    if (!ws || !session.sessionStarted) return 'not-connected';
    if (session.connectionDraining) return 'restarting';
    return ws.readyState === OPEN ? undefined : 'closed';
  };

  // The service reports only what it refuses.
  session.on('openai_server_event_received', (event) => {
    const { client_event_id: eventId, message, code } = event?.error ?? {};
    if (typeof eventId !== 'string' || !eventId.startsWith(id)) return;
    const number = Number(eventId.slice(id.length));
    refusedInARow = number === lastRefused + 1 ? refusedInARow + 1 : 1;
    lastRefused = number;
    onRefused({ reason: String(message ?? code), isForGood: refusedInARow === MAX_REFUSED });
  });

  return {
    picture: OPENAI_PICTURE,
    labelsInPicture: false,
    // The plugin reconnects by itself.
    isSilentlyClosed: () => false,
    revive: () => false,
    acknowledged: () => Promise.resolve(),
    // The protocol has no way to take one back.
    forget: () => {},
    forgetSource: () => {},
    connection: () => (problem() ? undefined : session.ws),
    push(image, origin) {
      const result = problem();
      if (result) return result;
      if (connection !== session.ws) {
        connection = session.ws;
        refusedInARow = 0;
      }
      if (isBlind()) return 'refused';
      if ((session.ws?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES) return 'backpressure';
      sent += 1;
      send(`${id}${sent}`, 'user', [
        ...(origin?.label ? [{ type: 'input_text', text: origin.label }] : []),
        { type: 'input_image', image_url: toDataUrl(image), detail },
      ]);
      return 'sent';
    },
    note(_source, text) {
      const result = problem();
      if (result) return result;
      send(`${id}note`, 'developer', [{ type: 'input_text', text }]);
      return 'sent';
    },
  };
}
