import { TrackSource, type VideoTrack } from '@livekit/rtc-node';
import { type Actor, createActor } from 'xstate';
import { PublicationSwitches } from '../../../../src/actors/publication-switches.ts';
import { roomEvents } from '../../../../src/actors/room-events.ts';
import { firstServed, type VideoRoom } from '../../../../src/actors/video-room.ts';
import { videoStream } from '../../../../src/actors/video-stream.ts';
import { FrameLedger } from '../../../../src/frames/frame-ledger.ts';
import type { FrameSourceHandlers } from '../../../../src/frames/frame-source.ts';
import { NewestFrameSlot } from '../../../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../../../src/frames/open-frame-source.ts';
import { idlePauseMachine } from '../../../../src/machines/idle-pause.machine.ts';
import { sightMachine } from '../../../../src/machines/sight.machine.ts';
import type { SightInput } from '../../../../src/machines/sight.types.ts';
import { streamReplacementMachine } from '../../../../src/machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../../../../src/machines/track-discovery.machine.ts';
import { TestCamera } from '../../../../src/testing/camera/test-camera.ts';
import { USER } from '../../../../src/testing/identities.ts';
import { type LoopbackPublication, LoopbackRoom } from '../../../../src/testing/loopback-room.ts';
import { settled } from '../../../../src/testing/simulated-clock.ts';
import { HandClock } from './hand-clock.ts';
import type { RealWorld } from './play.ts';
import { Watch } from './watch.ts';

/** Whether a stream that is opened does. */
export type Answer = 'works' | 'fails';

/** The eyes with all their real actors, as `VideoSession` has them, in any room. */
export class RealEyes implements RealWorld {
  readonly clock = new HandClock();
  readonly slot = new NewestFrameSlot(new FrameLedger());
  readonly actor: Actor<typeof sightMachine>;
  readonly watch: Watch;
  #opens: Answer = 'works';
  #closes: 'works' | 'hangs' = 'works';
  readonly #hanging: (() => Promise<void>)[] = [];
  #handlers: FrameSourceHandlers | undefined;

  /** @param watched - The id of the actor that the test is about. */
  constructor(room: VideoRoom, input: SightInput, watched: string) {
    const switches = new PublicationSwitches();
    this.actor = createActor(
      sightMachine.provide({
        actors: {
          roomEvents: roomEvents(room, switches, () => firstServed(room)),
          trackDiscovery: trackDiscoveryMachine,
          streamReplacement: streamReplacementMachine,
          idlePause: idlePauseMachine,
          videoStream: videoStream({
            room,
            slot: this.slot,
            switches,
            // Every frame is a sign of life.
            stallAfterMs: 0,
            layer: () => 'high',
            open: (track, handlers) => this.#open(track, handlers),
            onClosing: () => {},
          }),
        },
      }),
      { id: 'sight', input, clock: this.clock },
    );
    this.watch = new Watch(this.actor, watched);
  }

  start(): void {
    this.actor.start();
  }

  /** The next stream that is opened throws: it is opened by this. */
  failing(deed: () => void): void {
    this.#opens = 'fails';
    deed();
  }

  /** A stream that is told to close by this does not end. */
  hanging(deed: () => void): void {
    this.#closes = 'hangs';
    deed();
    this.#closes = 'works';
  }

  /** Streams that hang end, late; the oldest first. */
  async endHanging(): Promise<void> {
    for (const end of this.#hanging.splice(0)) {
      await end();
      await settled();
    }
  }

  /** The track that is read ends by itself. */
  endStream(): void {
    this.#handlers?.onEnd();
  }

  async end(): Promise<void> {
    await this.endHanging();
    this.actor.stop();
  }

  #open(track: VideoTrack, handlers: FrameSourceHandlers) {
    const opens = this.#opens;
    this.#opens = 'works';
    if (opens === 'fails') throw new Error('it does not open');
    this.#handlers = handlers;
    const source = openFrameSource(track, handlers);
    return {
      via: source.via,
      close: () => {
        if (this.#closes === 'works') return source.close();
        return new Promise<void>((resolve) => {
          this.#hanging.push(() => source.close().then(resolve));
        });
      },
    };
  }
}

export type Shared = 'camera' | 'screen';

const SOURCES = {
  camera: TrackSource.SOURCE_CAMERA,
  screen: TrackSource.SOURCE_SCREENSHARE,
} as const;

/** Cameras are of no room: one of each serves all paths. */
const cameras: Partial<Record<Shared, TestCamera>> = {};

export function cameraOf(shared: Shared): TestCamera {
  cameras[shared] ??= new TestCamera();
  return cameras[shared];
}

/** What `afterAll` takes. */
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
      // What is asked for waits; what is given back goes at once.
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

  /** The server subscribes: it was asked to, or does so by itself. */
  grant(shared: Shared): void {
    this.#grants.get(this.of(shared))?.();
  }
}
