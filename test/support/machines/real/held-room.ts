import { TrackSource } from '@livekit/rtc-node';
import { TestCamera } from '../../../../src/testing/camera/test-camera.ts';
import { USER } from '../../../../src/testing/identities.ts';
import { type LoopbackPublication, LoopbackRoom } from '../../../../src/testing/loopback-room.ts';

export type Shared = 'camera' | 'screen';

const SOURCES = {
  camera: TrackSource.SOURCE_CAMERA,
  screen: TrackSource.SOURCE_SCREENSHARE,
} as const;

/** Cameras belong to no room, so one of each serves all paths. */
const cameras: Partial<Record<Shared, TestCamera>> = {};

export function cameraOf(shared: Shared): TestCamera {
  cameras[shared] ??= new TestCamera();
  return cameras[shared];
}

/** For `afterAll`. */
export async function closeCameras(): Promise<void> {
  await Promise.all(Object.values(cameras).map((camera) => camera.close()));
}

/** A loopback room whose server subscribes when a test says so. */
export class HeldRoom extends LoopbackRoom {
  readonly #publications = new Map<Shared, LoopbackPublication>();
  readonly #grants = new Map<LoopbackPublication, () => void>();

  constructor() {
    super({ autoSubscribe: false });
    this.on('trackPublished', (publication) => {
      const set = publication.setSubscribed.bind(publication);
      // Requested subscriptions wait; released ones end at once.
      this.#grants.set(publication, () => set(true));
      publication.setSubscribed = (subscribed) => {
        if (!subscribed) set(false);
      };
    });
  }

  share(shared: Shared): LoopbackPublication {
    const publication = this.publish(USER, cameraOf(shared).track, SOURCES[shared]);
    this.#publications.set(shared, publication);
    return publication;
  }

  of(shared: Shared): LoopbackPublication {
    const publication = this.#publications.get(shared);
    if (!publication) throw new Error(`no ${shared} is shared`);
    return publication;
  }

  /** The server subscribes, on request or by itself. */
  grant(shared: Shared): void {
    this.#grants.get(this.of(shared))?.();
  }
}
