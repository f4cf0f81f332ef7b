/**
 * The messages from an agent to an inspector: those of `createWebSocketInspector` of
 * `@statelyai/inspect`, one JSON object per WebSocket message, and three more that only a Sightline
 * inspector gets.
 */
export type WireEvent = WireActor | WireSent | WireSnapshot | WireMetrics | WirePicture | WireLoss;

/** Common fields of all messages. */
interface WireBase {
  /** The actor's `sessionId` in XState, such as `x:3`. */
  sessionId: string;
  rootId?: string;
  /** Time of the event, in ms since the epoch, as a string. */
  createdAt: string;
  /** Number of the message at its sender; empty from Stately's own sender. */
  id: string | null;
  /** Version of the sender. */
  _version: string;
}

/** The state of an actor, like XState's snapshot. Promises and callbacks have no `value`. */
export interface WireState {
  status?: string;
  value?: unknown;
  context?: unknown;
  /** The living children by id; a missing one has stopped. */
  children?: Record<string, unknown>;
  output?: unknown;
  error?: unknown;
}

/** An event: its `type` and any other fields. */
export interface WirePayload {
  type: string;
  [field: string]: unknown;
}

/** An actor was created. */
export interface WireActor extends WireBase {
  type: '@xstate.actor';
  /** Its id, such as `stream-1`. */
  name: string;
  parentId?: string;
  /** The config of its machine as JSON; for any other actor only its id. */
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

/** An actor processed an event, and has this state now. */
export interface WireSnapshot extends WireBase {
  type: '@xstate.snapshot';
  event: WirePayload;
  snapshot: WireState;
}

/** The figures of a session at this time. */
export interface WireMetrics extends WireBase {
  type: '@sightline.metrics';
  metrics: Record<string, unknown>;
}

/** A picture that was sent to the model. */
export interface WirePicture extends WireBase {
  type: '@sightline.picture';
  mimeType: string;
  /** Base64. */
  data: string;
  width: number;
  height: number;
  /** Name of its source, such as `camera`. */
  label: string;
}

/** The sender dropped messages because its buffer was full. */
export interface WireLoss extends WireBase {
  type: '@sightline.loss';
  /** Total number of dropped messages. */
  dropped: number;
}

/** The greeting of a Sightline inspector to an agent; Stately's sends none. */
export interface Welcome {
  type: '@sightline.welcome';
  version: 1;
  /** Whether pictures may be sent. */
  pixels: boolean;
}

/** Largest message that is accepted, in bytes. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Version of this sender, part of each message. */
export const WIRE_VERSION = 'sightline-1';
