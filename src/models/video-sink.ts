import type { EncodedImage, EncodeOptions } from '../frames/encode.ts';
import type { TiledImage } from '../frames/tiles.ts';
import type { SourceId } from '../source.ts';

/** `sent`, or why the picture was not sent. It is never kept for later. */
export type PushResult =
  | 'sent'
  | 'not-connected'
  | 'restarting'
  | 'closed'
  | 'backpressure'
  | 'tool-pending'
  | 'refused';

/** The source of a picture. */
export interface PictureOrigin {
  readonly sourceId: SourceId;
  /** Name of the picture, such as `screen:`, if the model gets several sources. */
  readonly label?: string | undefined;
}

/** Sends pictures to one session of a realtime model. */
export interface RealtimeVideoSink {
  /** Format and size of the pictures that suit the model. */
  readonly picture: EncodeOptions;
  /** The same for a shared screen. @defaultValue `picture` */
  readonly screenPicture?: EncodeOptions;
  /** A picture can have tiles, each behind its label. @defaultValue false */
  readonly takesTiles?: boolean;
  /**
   * Sends the picture now, or not at all. Never queues, never throws.
   * @param origin - Needed if the model gets several sources.
   */
  push(image: TiledImage, origin?: PictureOrigin): PushResult;
  /** Removes a sent picture from the model's conversation, if the provider supports it. */
  forget(image: EncodedImage): void;
  /** Removes all sent pictures of a source, like {@link forget}. */
  forgetSource(sourceId: SourceId): void;
  /**
   * Adds a note about a source to the conversation, without requesting an answer. It replaces the
   * earlier note about this source, if the provider supports it.
   * @param picture - Shows the text, for a provider that accepts no text next to the video.
   */
  note(sourceId: SourceId, text: string, picture: EncodedImage): PushResult;
  /** Resolves when the service has accepted or refused all pictures. */
  acknowledged(): Promise<void>;
  /**
   * Defined if the model takes pictures in the message of a typed turn: whether it could take one
   * now.
   */
  readonly pushInTurn?: (() => PushResult) | undefined;
  /** The protocol has no text next to a picture, so a label must be drawn into it. */
  readonly labelsInPicture: boolean;
  /** Identifies the current connection; `undefined` without one. */
  connection(): object | undefined;
  /** The server closed the connection, and the plugin did not notice. */
  isSilentlyClosed(): boolean;
  /** Makes the plugin reconnect. @returns whether that is possible. */
  revive(): boolean;
}
