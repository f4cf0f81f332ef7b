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
const cameras = new Map<Shared, TestCamera>();

export function cameraOf(shared: Shared): TestCamera {
  const camera = cameras.get(shared) ?? new TestCamera();
  cameras.set(shared, camera);
  return camera;
}

/** For `afterAll`. The next file of this process gets cameras of its own. */
export async function closeCameras(): Promise<void> {
  const used = [...cameras.values()];
  cameras.clear();
  await Promise.all(used.map((camera) => camera.close()));
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
