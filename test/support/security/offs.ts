import { setTimeout as wait } from 'node:timers/promises';
import { MODE_METHOD } from '../../../src/client/control-protocol.ts';
import type { SeenFrame, VideoSession } from '../../../src/index.ts';
import { RemoteControl } from '../../../src/session/remote-control.ts';
import type { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { USER } from '../../../src/testing/identities.ts';
import type { LoopbackPublication, LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import type { Random } from '../../../src/testing/random.ts';
import { untilWatching } from '../loopback.ts';
import { numberedFrame } from './numbered-frame.ts';
import type { OffTally, Way } from './off-tally.ts';

export interface OffsDeps {
  readonly video: VideoSession;
  readonly room: LoopbackRoom;
  readonly camera: TestCamera;
  readonly random: Random;
  readonly tally: OffTally;
  /** Where to what leaves is waited for now and then. */
  readonly awaited: string;
}

/** An event is waited for so long, in ms. */
const EVENT_MS = 60;
/** A frame that does not come is shown again after this long, in ms. */
const SHOW_AGAIN_MS = 250;

/**
 * Shows numbered frames, says off at random moments, and judges what leaves: no picture of a frame
 * that was shown before an off may leave after it. It reads pixels, and asks nothing of the library.
 */
export class Offs {
  readonly #deps: OffsDeps;
  /** Uses between the request of a picture and its use, by purpose. */
  readonly #underWay = new Map<string, Set<object>>();
  readonly #waiting = new Set<(frame: SeenFrame | undefined) => void>();
  readonly #sayOffByRpc: () => void;
  #publication: LoopbackPublication;
  #departed = () => {};
  #approached = () => {};
  /** Number of the newest frame that was shown, and of the newest before the last off. */
  #shown = 0;
  #forbidden = 0;
  #isOver = false;

  constructor(deps: OffsDeps) {
    this.#deps = deps;
    if (!deps.room.remoteParticipants.has(USER)) deps.room.join(USER);
    this.#publication = this.#publish();
    this.#sayOffByRpc = switchByRpc(deps.video);
  }

  /** The next frame that is there and may be shown; `undefined` at the end. */
  fresh(): Promise<SeenFrame | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** A picture is asked for, for this. @returns to be called if it is over without a picture. */
  begin(purpose: string): () => void {
    const underWay = this.#underWay.get(purpose) ?? new Set();
    this.#underWay.set(purpose, underWay);
    const use = {};
    underWay.add(use);
    return () => void underWay.delete(use);
  }

  /** In a few microtasks a picture is somewhere else: a good moment for an off. */
  approaches(): void {
    this.#approached();
  }

  /**
   * Something leaves the process in this very tick, with these pictures in base64.
   * @param purposes - What it was for: this is no longer under way.
   */
  leaves(where: string, purposes: readonly string[], pictures: readonly string[]): void {
    for (const purpose of purposes) this.#underWay.get(purpose)?.clear();
    if (where === this.#deps.awaited) this.#departed();
    for (const picture of pictures) this.#deps.tally.left(where, picture, this.#forbidden);
  }

  /** Says off until the tally is full. */
  async run(): Promise<void> {
    const { video, random, tally } = this.#deps;
    while (!tally.isEnough) {
      await untilWatching(video, this.#publication.sid);
      await this.#show();
      await this.#moment();
      // How a turn went has more than one picture.
      if (random.next() < 0.5) {
        await this.#show();
        await this.#moment();
      }
      const way = tally.nextWay();
      if (random.next() < 0.2) await this.#offAtApproach(way);
      else this.#off(way);
      if (random.next() < 0.5) await this.#moment();
      this.#on(way);
    }
    this.#isOver = true;
    this.#tell(undefined);
  }

  /** A random number of microtasks, turns of the event loop, or ms; some of them after a departure. */
  async #moment(): Promise<void> {
    const { random } = this.#deps;
    const kind = random.pick(['microtasks', 'ticks', 'ms', 'departure', 'departure']);
    if (kind === 'departure') {
      const departure = new Promise<void>((resolve) => {
        this.#departed = resolve;
      });
      await Promise.race([departure, wait(EVENT_MS)]);
    }
    if (kind === 'microtasks') for (let i = random.next() * 120; i > 0; i--) await undefined;
    else if (kind === 'ms') await wait(random.next() * 8);
    else for (let i = random.next() * 8; i > 0; i--) await new Promise(setImmediate);
  }

  /** Shows the next frame. Resolves when it is there. */
  async #show(): Promise<void> {
    const { video, camera } = this.#deps;
    const looked = video.look();
    const send = () => void camera.show(numberedFrame(++this.#shown));
    send();
    const again = setInterval(send, SHOW_AGAIN_MS);
    try {
      const frame = await looked;
      const encode = frame.encode.bind(frame);
      const encodeAndSay: SeenFrame['encode'] = async (...options) => {
        const image = await encode(...options);
        this.approaches();
        return image;
      };
      this.#tell(Object.assign(frame, { encode: encodeAndSay }));
    } finally {
      clearInterval(again);
    }
  }

  #tell(frame: SeenFrame | undefined): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(frame);
  }

  /** Says off in the few microtasks in which a picture goes from one place to another. */
  #offAtApproach(way: Way): Promise<void> {
    return new Promise((resolve) => {
      let isSaid = false;
      const say = (): void => {
        if (isSaid) return;
        isSaid = true;
        this.#off(way);
        resolve();
      };
      const sayAfter = (microtasks: number): void =>
        microtasks < 1 ? say() : queueMicrotask(() => sayAfter(microtasks - 1));
      this.#approached = () => sayAfter(this.#deps.random.next() * 8);
      setTimeout(say, EVENT_MS);
    });
  }

  #off(way: Way): void {
    const { video, room, tally } = this.#deps;
    tally.off(way, this.#underWay);
    for (const uses of this.#underWay.values()) uses.clear();
    this.#forbidden = this.#shown;
    if (way === 'application') video.setMode('off');
    else if (way === 'rpc') this.#sayOffByRpc();
    else if (way === 'mute') room.mute(this.#publication);
    else room.unpublish(this.#publication);
  }

  #on(way: Way): void {
    const { video, room } = this.#deps;
    if (way === 'unshare') this.#publication = this.#publish();
    else if (way === 'mute') room.unmute(this.#publication);
    else video.setMode('sampled');
  }

  #publish(): LoopbackPublication {
    const { room, camera } = this.#deps;
    return room.publish(USER, camera.track, camera.source);
  }
}

/** The agent's own RPC method, in a room that has nothing else. @returns a call of it. */
function switchByRpc(video: VideoSession): () => void {
  type Handler = (call: { callerIdentity: string; payload: string }) => Promise<unknown>;
  const methods = new Map<string, Handler>();
  const nothing = () => undefined;
  const room = {
    isConnected: false,
    on: nothing,
    off: nothing,
    registerTextStreamHandler: nothing,
    localParticipant: {
      registerRpcMethod: (name: string, handler: Handler) => methods.set(name, handler),
      setAttributes: async () => undefined,
    },
  } as unknown as Parameters<typeof RemoteControl.of>[0]['room'];
  const { actor } = video;
  const deps = { actor, linkedIdentity: () => USER, onError: nothing };
  RemoteControl.of({ room, control: 'participant' }, deps)?.open();
  return () => void methods.get(MODE_METHOD)?.({ callerIdentity: USER, payload: '{"mode":"off"}' });
}
