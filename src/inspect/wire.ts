/**
 * What travels from an agent to an inspector: the messages of `@statelyai/inspect`'s
 * `createWebSocketInspector`, one JSON object a WebSocket message, and three of our own that only
 * an inspector of ours is sent.
 */
export type WireEvent = WireActor | WireSent | WireSnapshot | WireMetrics | WirePicture | WireLoss;

/** What all messages have. */
interface WireBase {
  /** The actor that it is about: XState's `sessionId`, such as `x:3`. */
  sessionId: string;
  rootId?: string;
  /** When it happened: ms since the epoch, as text. */
  createdAt: string;
  /** Number of the message at its sender; Stately's own sender leaves it empty. */
  id: string | null;
  /** Version of the sender. */
  _version: string;
}

/** The state of an actor, as XState's snapshots tell it. Promises and callbacks have no `value`. */
export interface WireState {
  status?: string;
  value?: unknown;
  context?: unknown;
  /** The children by their ids: who is missing has ended. */
  children?: Record<string, unknown>;
  output?: unknown;
  error?: unknown;
}

/** An event as XState knows it: `type`, and whatever it carries. */
export interface WirePayload {
  type: string;
  [field: string]: unknown;
}

/** An actor was made. */
export interface WireActor extends WireBase {
  type: '@xstate.actor';
  /** Its id, such as `stream-1`. */
  name: string;
  parentId?: string;
  /** The config of its machine as JSON; of another actor only its id. */
  definition?: string;
  snapshot?: WireState;
}

/** An event was sent to an actor. */
export interface WireSent extends WireBase {
  type: '@xstate.event';
  event: WirePayload;
  /** The actor that sent it. */
  sourceId?: string;
}

/** An actor took an event, and is now in this state. */
export interface WireSnapshot extends WireBase {
  type: '@xstate.snapshot';
  event: WirePayload;
  snapshot: WireState;
}

/** The figures of a session at a moment. */
export interface WireMetrics extends WireBase {
  type: '@sightline.metrics';
  metrics: Record<string, unknown>;
}

/** A picture that went to the model. */
export interface WirePicture extends WireBase {
  type: '@sightline.picture';
  mimeType: string;
  /** Base64. */
  data: string;
  width: number;
  height: number;
  /** What it is of, such as `camera`. */
  label: string;
}

/** The sender left messages out because they could not go fast enough. */
export interface WireLoss extends WireBase {
  type: '@sightline.loss';
  /** Messages in all so far. */
  dropped: number;
}

/** What an inspector of ours says to an agent that connects; Stately's says nothing. */
export interface Welcome {
  type: '@sightline.welcome';
  version: 1;
  /** Whether pictures may be sent. */
  pixels: boolean;
}

/** Largest message that is taken, in bytes. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Version of this sender, in each message. */
export const WIRE_VERSION = 'sightline-1';
