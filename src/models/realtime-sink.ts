import type { EncodedImage } from '../frames/encode.ts';

/** `sent`, or why the picture did not go. It is never kept for later. */
export type PushResult =
  | 'sent'
  | 'not-connected'
  | 'restarting'
  | 'closed'
  | 'backpressure'
  | 'tool-pending';

/** The way of a picture into one session of a realtime model. */
export interface RealtimeVideoSink {
  /** Sends the picture now or not at all. Never queues, never throws. */
  push(image: EncodedImage): PushResult;
}
