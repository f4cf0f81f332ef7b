import type { llm } from '@livekit/agents';
import type { EncodedImage } from '../frames/encode.ts';
import type { PushResult, RealtimeVideoSink } from './realtime-sink.ts';

/**
 * The members of the Google plugin's session that are used. All but `activeSession` are private in
 * its types; `test/models/plugin-contract.test.ts` fails when a version no longer has one. Google's
 * plugin has no way for video: its `pushVideo` is empty, and its queue would send stale frames.
 */
interface GoogleRealtimeSession extends llm.RealtimeSession {
  activeSession?: {
    sendRealtimeInput(input: { video: { mimeType: string; data: string } }): void;
    conn?: { ws?: { readyState: number; bufferedAmount: number } };
  };
  sessionShouldClose: { readonly isSet: boolean };
  shouldBlockRealtimeInputForPendingTools?(): boolean;
  markRestartNeeded?(): void;
}

/**
 * Bytes that may wait in the socket before a picture is held back: about a tenth of a second of a
 * slow uplink, so audio is not delayed behind pictures.
 */
const MAX_BUFFERED_BYTES = 64 * 1024;

const OPEN = 1;

/** Whether this is a session of the Google plugin. */
export function isGoogleSession(session: llm.RealtimeSession): session is GoogleRealtimeSession {
  return 'sessionShouldClose' in session && 'markRestartNeeded' in session;
}

/** Gemini Live: `realtimeInput.video`, one picture a message. */
export function googleVideoSink(session: GoogleRealtimeSession): RealtimeVideoSink {
  return {
    push(image: EncodedImage): PushResult {
      const active = session.activeSession;
      if (!active) return 'not-connected';
      if (session.sessionShouldClose.isSet) return 'restarting';
      const socket = active.conn?.ws;
      if (socket && socket.readyState !== OPEN) return 'closed';
      if (socket && socket.bufferedAmount > MAX_BUFFERED_BYTES) return 'backpressure';
      if (session.shouldBlockRealtimeInputForPendingTools?.()) return 'tool-pending';
      active.sendRealtimeInput({
        video: { mimeType: image.mimeType, data: image.data.toString('base64') },
      });
      return 'sent';
    },
  };
}

/**
 * The server closed the socket and the plugin did not notice: it never reconnects by itself after
 * a close with code 1000, and what it sends vanishes.
 */
export function isSilentlyClosed(session: GoogleRealtimeSession): boolean {
  const socket = session.activeSession?.conn?.ws;
  return socket !== undefined && socket.readyState > OPEN && !session.sessionShouldClose.isSet;
}

/** Makes the plugin connect anew. @returns whether this version can. */
export function revive(session: GoogleRealtimeSession): boolean {
  if (!session.markRestartNeeded) return false;
  session.markRestartNeeded();
  return true;
}
