import type { llm } from '@livekit/agents';
import { imageSize } from 'image-size';
import type { FrameRef } from '../frame.ts';
import { frameOf } from '../models/chat-pictures.ts';
import type { SourceKind } from '../source.ts';
import { TestingError } from './errors.ts';
import { dataUrlBytes, type Pixels, pixelsOf } from './pictures/picture.ts';

/** A picture of a model request, as the model received it. */
export class RecordedPicture implements llm.ImageContent {
  readonly type = 'image_content';
  readonly id: string;
  readonly image: llm.ImageContent['image'];
  readonly inferenceDetail: llm.ImageContent['inferenceDetail'];
  declare readonly inferenceWidth?: number;
  declare readonly inferenceHeight?: number;
  declare readonly mimeType?: string;
  /** The framework's content. @internal */
  readonly _cache: llm.ImageContent['_cache'] = {};
  /** Source of a picture that Sightline added. The application's own pictures have none. */
  readonly source: SourceKind | undefined;
  /** Identity of the participant whose track it is from. */
  readonly identity: string | undefined;
  readonly trackSid: string | undefined;
  /** Age of its frame at the time of the request, in ms. */
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
   *
   * @throws TestingError for a link, or a frame that was not encoded.
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

  /** Its RGB pixels. @throws TestingError for a link, or if the picture cannot be read. */
  pixels(): Promise<Pixels> {
    return pixelsOf(this);
  }

  get #size(): { width: number; height: number } {
    return typeof this.image === 'string' ? imageSize(this.data) : this.image;
  }
}
