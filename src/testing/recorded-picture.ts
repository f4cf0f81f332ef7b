import type { llm } from '@livekit/agents';
import { imageSize } from 'image-size';
import type { FrameRef } from '../frame.ts';
import { frameOf } from '../models/chat-pictures.ts';
import type { SourceKind } from '../source.ts';
import { TestingError } from './errors.ts';
import { dataUrlBytes, type Pixels, pixelsOf } from './pictures/picture.ts';

/** A picture of a model request, as the model got it. */
export class RecordedPicture implements llm.ImageContent {
  readonly type = 'image_content';
  readonly id: string;
  readonly image: llm.ImageContent['image'];
  readonly inferenceDetail: llm.ImageContent['inferenceDetail'];
  declare readonly inferenceWidth?: number;
  declare readonly inferenceHeight?: number;
  declare readonly mimeType?: string;
  /** The framework's. @internal */
  readonly _cache: llm.ImageContent['_cache'] = {};
  /** What it shows, if Sightline put it there: the user's own pictures have no source. */
  readonly source: SourceKind | undefined;
  /** Whose track it is of. */
  readonly identity: string | undefined;
  readonly trackSid: string | undefined;
  /** How old its frame was when the model was asked, in ms. */
  readonly ageMs: number | undefined;

  constructor(content: llm.ImageContent, at: number) {
    const { id, image, inferenceDetail, inferenceWidth, inferenceHeight, mimeType } = content;
    this.id = id;
    this.image = image;
    this.inferenceDetail = inferenceDetail;
    if (inferenceWidth !== undefined) this.inferenceWidth = inferenceWidth;
    if (inferenceHeight !== undefined) this.inferenceHeight = inferenceHeight;
    if (mimeType !== undefined) this.mimeType = mimeType;
    const frame: FrameRef | undefined = frameOf(content);
    this.source = frame?.source;
    this.identity = frame?.identity;
    this.trackSid = frame?.trackSid;
    this.ageMs = frame && at - frame.receivedAt;
  }

  /**
   * Its encoded bytes.
   * @throws TestingError for a link and for a frame that was not encoded.
   */
  get data(): Buffer {
    const bytes = typeof this.image === 'string' ? dataUrlBytes(this.image) : undefined;
    if (bytes) return bytes;
    throw new TestingError(
      'picture',
      `the picture ${this.id} has no bytes: it is a link or a frame`,
      'for a frame use pixels(); the kit does not follow links',
    );
  }

  /** In pixels. @throws TestingError for a link. */
  get width(): number {
    return this.#size.width;
  }

  /** In pixels. @throws TestingError for a link. */
  get height(): number {
    return this.#size.height;
  }

  /** Its RGB pixels. @throws TestingError for a link, and for what is no picture. */
  pixels(): Promise<Pixels> {
    return pixelsOf(this);
  }

  get #size(): { width: number; height: number } {
    return typeof this.image === 'string' ? imageSize(this.data) : this.image;
  }
}
