import { type LocalTrack, ParticipantKind, TrackKind, type TrackSource } from '@livekit/rtc-node';

export interface JoinOptions {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly kind?: ParticipantKind;
}

/** The common part of rtc-node's publications. */
abstract class Publication {
  readonly sid: string;
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly name: string;
  muted = false;
  track: LocalTrack | undefined;

  constructor(sid: string, media: LocalTrack, source: TrackSource) {
    this.sid = sid;
    this.source = source;
    this.kind = media.kind ?? TrackKind.KIND_VIDEO;
    this.name = media.name ?? '';
  }
}

/**
 * A publication of another participant's track, like rtc-node's `RemoteTrackPublication`. Its
 * `track` is set while it is subscribed.
 */
export class LoopbackPublication extends Publication {
  subscribed = false;
  readonly #request: (subscribed: boolean) => void;

  constructor(
    sid: string,
    media: LocalTrack,
    source: TrackSource,
    request: (subscribed: boolean) => void,
  ) {
    super(sid, media, source);
    this.#request = request;
  }

  /** Subscribes or unsubscribes. The event follows later, as from a server. */
  setSubscribed(subscribed: boolean): void {
    this.#request(subscribed);
  }
}

/** A publication of a local track, like rtc-node's `LocalTrackPublication`. */
export class LoopbackLocalPublication extends Publication {
  readonly #subscribed: Promise<void>;

  /** @param subscribed - Resolves when a participant has subscribed. */
  constructor(sid: string, media: LocalTrack, source: TrackSource, subscribed: Promise<void>) {
    super(sid, media, source);
    this.track = media;
    this.#subscribed = subscribed;
  }

  waitForSubscription(): Promise<void> {
    return this.#subscribed;
  }
}

/** A participant of the room, like rtc-node's participants. */
export class LoopbackParticipant<P = LoopbackPublication> {
  readonly sid: string;
  readonly identity: string;
  readonly kind: ParticipantKind;
  attributes: Record<string, string>;
  readonly trackPublications = new Map<string, P>();

  constructor(sid: string, identity: string, options: JoinOptions = {}) {
    this.sid = sid;
    this.identity = identity;
    this.kind = options.kind ?? ParticipantKind.STANDARD;
    this.attributes = { ...options.attributes };
  }

  /** rtc-node's own record of the participant, which the framework also reads. */
  get info() {
    const { sid, identity, kind, attributes } = this;
    return { sid, identity, kind, attributes };
  }
}
