import type { EncodedImage, EncodeOptions } from '../frames/encode.ts';

/** `sent`, or why the picture did not go. It is never kept for later. */
export type PushResult =
  | 'sent'
  | 'not-connected'
  | 'restarting'
  | 'closed'
  | 'backpressure'
  | 'tool-pending'
  | 'refused';

/** The way of pictures into one session of a realtime model. */
export interface RealtimeVideoSink {
  /** Format and size of the pictures that suit the model. */
  readonly picture: EncodeOptions;
  /**
   * Sends the picture now or not at all. Never queues, never throws.
   * @param label - What it shows, such as `screen:`, where the model follows several sources.
   */
  push(image: EncodedImage, label?: string): PushResult;
  /** Takes a picture that was sent out of the model's conversation, if the provider can do that. */
  forget(image: EncodedImage): void;
  /**
   * Lets the model know something about the video, without an answer to it.
   * @param picture - Shows the text, for a provider that takes no text beside the video.
   */
  note(text: string, picture: EncodedImage): PushResult;
  /** Resolves when the service has what was pushed, or will not take it. */
  acknowledged(): Promise<void>;
  /** The wire has no text beside a picture: a label has to be drawn into it. */
  readonly labelsInPicture: boolean;
  /** What a new connection is told from the one before by; `undefined` while there is none. */
  connection(): object | undefined;
  /** The server closed the connection, and the plugin does not know. */
  isSilentlyClosed(): boolean;
  /** Makes the plugin connect anew. @returns whether it can be made to. */
  revive(): boolean;
}
