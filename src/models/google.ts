import { type llm, log } from '@livekit/agents';
import type { EncodedImage } from '../frames/encode.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { withContent } from './chat-pictures.ts';
import type { PushResult, RealtimeVideoSink } from './video-sink.ts';

/**
 * The used members of the Google plugin's session. All but `activeSession` are private;
 * `test/integration/plugin-contract.test.ts` fails if a version lacks one. The plugin cannot send
 * video: its `pushVideo` is empty, and its queue would send stale frames.
 */
interface GoogleRealtimeSession extends llm.RealtimeSession {
  activeSession?: ActiveSession;
  sessionShouldClose: { readonly isSet: boolean };
  shouldBlockRealtimeInputForPendingTools?(): boolean;
  /** The user speaks, as the application says: with its detection off, an interruption begins it. */
  inUserActivity?: boolean;
  /** The next text goes ahead of its message, because it interrupts an answer. */
  pendingInterruptText?: boolean;
  markRestartNeeded(): void;
}

interface ActiveSession {
  sendRealtimeInput(input: { video: { mimeType: string; data: string } }): void;
  conn?: { ws?: { readyState: number; bufferedAmount: number } };
}

interface GoogleRealtimeModel extends llm.RealtimeModel {
  _options: GoogleOptions;
}

/** The used part of the options. The session reads the same object for each connection. */
export interface GoogleOptions {
  model?: string;
  contextWindowCompression?: { slidingWindow?: object } | null;
  realtimeInputConfig?: { turnCoverage?: string } | undefined;
  mediaResolution?: string | undefined;
}

/** The picture for Gemini, as in Google's guide and in Python's framework. */
export const GOOGLE_PICTURE: EncodeOptions = {
  format: 'jpeg',
  quality: 75,
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/**
 * Bytes that may be buffered in the socket before a picture is held back: about a tenth of a second
 * of a slow uplink, so that pictures do not delay audio.
 */
const MAX_BUFFERED_BYTES = 64 * 1024;

const OPEN = 1;
const CLOSED = 3;

/** Whether this is a session of the Google plugin. */
export function isGoogleSession(session: llm.RealtimeSession): session is GoogleRealtimeSession {
  return 'sessionShouldClose' in session && 'markRestartNeeded' in session;
}

/** Gemini Live: `realtimeInput.video`, one picture a message. */
export function googleVideoSink(session: GoogleRealtimeSession): RealtimeVideoSink {
  const stateOf = (active: ActiveSession) => active.conn?.ws?.readyState ?? OPEN;
  const isOpen = (active: ActiveSession) => stateOf(active) === OPEN;
  const pushInTurn = (): PushResult => {
    const active = session.activeSession;
    if (!active) return 'not-connected';
    if (session.sessionShouldClose.isSet) return 'restarting';
    if (!isOpen(active)) return 'closed';
    if ((active.conn?.ws?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES) return 'backpressure';
    return session.shouldBlockRealtimeInputForPendingTools?.() ? 'tool-pending' : 'sent';
  };
  const push = (image: EncodedImage): PushResult => {
    const result = pushInTurn();
    if (result === 'sent')
      session.activeSession?.sendRealtimeInput({
        video: { mimeType: image.mimeType, data: image.data.toString('base64') },
      });
    return result;
  };
  return {
    picture: GOOGLE_PICTURE,
    // Text in `realtimeInput` would count as the user's words.
    labelsInPicture: true,
    // Later models take written turns as their first history only, and include all video anyway. A
    // text that interrupts an answer would be without the picture of its message.
    get pushInTurn() {
      const isInTurn = session.realtimeModel.model.includes('2.5') && !session.pendingInterruptText;
      return isInTurn ? pushInTurn : undefined;
    },
    // The service does not acknowledge pictures.
    acknowledged: () => Promise.resolve(),
    push,
    // The service has no way to take one back.
    forget: () => {},
    forgetSource: () => {},
    note: (_source, _text, picture) => push(picture),
    connection() {
      const active = session.activeSession;
      return active && !session.sessionShouldClose.isSet && isOpen(active) ? active : undefined;
    },
    // After a close with code 1000, the plugin keeps the session, and its messages are lost.
    isSilentlyClosed() {
      const active = session.activeSession;
      // One that is still closing has yet to say why: a refusal must end the session.
      return (
        active !== undefined && !session.sessionShouldClose.isSet && stateOf(active) === CLOSED
      );
    },
    revive() {
      session.markRestartNeeded();
      return true;
    },
  };
}

/**
 * Writes the context with these pictures in its last message, which is a typed turn. The plugin's
 * history remains without them: it would send them again on its next connection.
 */
export async function writeWithPictures(
  session: llm.RealtimeSession,
  context: llm.ChatContext,
  pictures: readonly llm.ImageContent[],
  write: (context: llm.ChatContext) => Promise<void>,
): Promise<void> {
  const shown = context.copy();
  const turn = shown.items.at(-1);
  if (turn?.type === 'message') shown.items.splice(-1, 1, withContent(turn, pictures));
  await write(shown);
  (session as unknown as { _chatCtx: llm.ChatContext })._chatCtx = context.copy();
}

let saidCompression = false;

/**
 * Turns context window compression on, unless the user has set it: without it, Google ends a
 * session with video after two minutes.
 */
export function compressContext(model: llm.RealtimeModel): void {
  const options = (model as Partial<GoogleRealtimeModel>)._options;
  if (!options || !('contextWindowCompression' in options)) return;
  const { contextWindowCompression } = options;
  if (contextWindowCompression === undefined) {
    options.contextWindowCompression = { slidingWindow: {} };
  } else if (!contextWindowCompression?.slidingWindow && !saidCompression) {
    saidCompression = true;
    log().warn(
      'video: contextWindowCompression is off: Google ends a session with video after two minutes',
    );
  }
}

const ALL_VIDEO = 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO';
const ALL_INPUT = 'TURN_INCLUDES_ALL_INPUT';

/** Google's default is said to be low: 64 tokens, which blur small print. This one has 256. */
const RESOLUTION = 'MEDIA_RESOLUTION_MEDIUM';

let saidChoice = false;

/**
 * Sets what Gemini 2.5 needs for video, unless the user has set it: a turn includes the video before
 * it, and its frames are large enough to read. By default, 2.5 omits what arrived in silence, such
 * as the frame before a typed turn. Later models include all video, and keep their own defaults.
 */
export function prepareVideo(model: llm.RealtimeModel): void {
  const options = (model as Partial<GoogleRealtimeModel>)._options;
  if (!options || !('realtimeInputConfig' in options) || !options.model?.includes('2.5')) return;
  const chosen: { turnCoverage?: string; mediaResolution?: string } = {};
  if (options.realtimeInputConfig?.turnCoverage === undefined) {
    chosen.turnCoverage = ALL_VIDEO;
    options.realtimeInputConfig = { ...options.realtimeInputConfig, turnCoverage: ALL_VIDEO };
  }
  if (options.mediaResolution === undefined)
    chosen.mediaResolution = options.mediaResolution = RESOLUTION;
  if (saidChoice || Object.keys(chosen).length === 0) return;
  saidChoice = true;
  log().info(
    { model: options.model, ...chosen },
    'video: set for Gemini; a turn includes the frames that came in silence, and they are billed',
  );
}

/** For services that refuse this setting: sets the older one. @returns whether that is new. */
export function coverAllInput(options: GoogleOptions): boolean {
  if (options.realtimeInputConfig?.turnCoverage !== ALL_VIDEO) return false;
  options.realtimeInputConfig = { ...options.realtimeInputConfig, turnCoverage: ALL_INPUT };
  return true;
}
