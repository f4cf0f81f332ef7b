import type { LoopbackPublication, LoopbackRoom } from '../loopback-room.ts';
import { pause, type StoryStage } from './stage.ts';
import type { Person, Shared } from './steps.ts';
import { StoryCamera } from './story-camera.ts';
import type { Share, Showing, World } from './world.ts';

/** Limit of the wait until a reader of the track has a picture, in ms. */
const PATIENCE_MS = 4000;

/** A camera or a screen with its publication. */
interface Device {
  readonly camera: StoryCamera;
  publication: LoopbackPublication | undefined;
}

/** The people of a story with their devices. Records what they do in the world. */
export class People {
  readonly world: World;
  readonly #room: LoopbackRoom;
  readonly #enter: (who: Person) => Promise<void>;
  /** Whether people arrive later than they join: each has a room object of their own. */
  readonly #arrivesLater: boolean;
  readonly #isMarked: boolean;
  readonly #devices = new Map<string, Device>();

  constructor(stage: StoryStage, world: World) {
    this.#room = stage.room;
    this.#enter = (who) => stage.join(who);
    this.#arrivesLater = stage.rooms !== undefined;
    this.#isMarked = stage.isMasked;
    this.world = world;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#devices.values()].map(({ camera }) => camera.close()));
  }

  async join(who: Person): Promise<void> {
    this.world.join(who);
    await this.#enter(who);
  }

  async leave(who: Person): Promise<void> {
    this.#go(who);
    for (const key of [...this.#devices.keys()])
      if (key.startsWith(`${who} `)) await this.#end(key);
  }

  /** Leaves and joins at once, with the same devices. */
  async rejoin(who: Person): Promise<void> {
    const shared = this.world.sharesOf(who);
    this.#go(who);
    const joined = this.join(who);
    // Otherwise the sources are shared before the next step, even if that does not wait.
    if (this.#arrivesLater) await joined;
    await Promise.all(shared.map(({ what }) => this.share(who, what)));
  }

  /** Their tracks are unpublished. The agent may now serve another person. */
  #go(who: Person): void {
    const before = this.world.served;
    this.world.leave(who);
    this.#room.leave(who);
    for (const [key, device] of this.#devices)
      if (key.startsWith(`${who} `)) device.publication = undefined;
    if (this.world.served !== before) void this.showAnew();
  }

  async share(who: Person, what: Shared): Promise<void> {
    const key = `${who} ${what}`;
    const share = this.world.share(who, what, this.#isUpright(key));
    const device = this.#devices.get(key) ?? this.#device(share, key);
    if (device.camera.camera.muted) device.camera.camera.unmute();
    if (share.current) device.camera.show(share.current.level);
    device.publication = this.#room.publish(
      who,
      device.camera.camera.track,
      device.camera.camera.source,
    );
    if (share.current) await this.#seen(share.current);
  }

  async unshare(who: Person, what: Shared): Promise<void> {
    const { share, device, key } = this.#found(who, what);
    this.world.unshare(share);
    if (device.publication) this.#room.unpublish(device.publication);
    await this.#end(key);
  }

  mute(who: Person, what: Shared): void {
    const { share, device } = this.#found(who, what);
    device.camera.mute();
    this.world.mute(share);
  }

  async unmute(who: Person, what: Shared): Promise<void> {
    const { share, device } = this.#found(who, what);
    // A new picture, so that one from before the mute is recognised.
    const showing = this.#show(share, device);
    this.world.unmute(share);
    device.camera.camera.unmute();
    await this.#seen(showing);
  }

  /** Shows another picture. */
  async show(who: Person, what: Shared): Promise<void> {
    const { share, device } = this.#found(who, what);
    await this.#seen(this.#show(share, device));
  }

  async turnPhone(who: Person): Promise<void> {
    const { share, device } = this.#found(who, 'camera');
    const { camera } = device.camera;
    camera.rotation = camera.rotation === 0 ? 90 : 0;
    await this.#seen(this.#show(share, device, camera.rotation === 0));
  }

  /** Whether the person holds the phone upright. A rejoin keeps the rotation. */
  #isUpright(key: string): boolean {
    return (this.#devices.get(key)?.camera.camera.rotation ?? 0) === 0;
  }

  #device({ what, who, current }: Share, key: string): Device {
    const shown = { what, isMarked: this.#isMarked, level: current?.level ?? 0 };
    const camera = new StoryCamera(shown, (level, at) => {
      const showing = this.world.find(who, what)?.current;
      if (showing?.level === level) showing.seenAt ??= at;
    });
    const device = { camera, publication: undefined };
    this.#devices.set(key, device);
    return device;
  }

  #show(share: Share, { camera }: Device, isUpright?: boolean): Showing {
    const showing = this.world.show(share, isUpright);
    camera.show(showing.level);
    return showing;
  }

  /** Each camera shows a different picture, so that a forbidden one can be identified. */
  async showAnew(): Promise<void> {
    const showings = this.world.shares.map((share) => {
      const device = this.#devices.get(`${share.who} ${share.what}`);
      return device && this.#show(share, device);
    });
    await Promise.all(showings.map((showing) => showing && this.#seen(showing)));
  }

  /** The room reconnects with new participants and new publications. */
  async reconnectFully(): Promise<void> {
    const room = this.#room;
    const people = [...room.remoteParticipants.keys()] as Person[];
    const shared = people.map((who) => this.world.sharesOf(who).map((share) => share.what));
    const muted = new Set(
      this.world.shares.filter(({ isMuted }) => isMuted).map(({ who, what }) => `${who} ${what}`),
    );
    for (const who of people) this.world.leave(who);
    await room.reconnect('full');
    for (const [index, who] of people.entries()) {
      this.world.join(who);
      for (const what of shared[index] ?? []) {
        const share = this.world.share(who, what, this.#isUpright(`${who} ${what}`));
        const device = this.#devices.get(`${who} ${what}`);
        if (!device) continue;
        device.publication = [
          ...(room.remoteParticipants.get(who)?.trackPublications.values() ?? []),
        ].find(({ source }) => source === device.camera.camera.source);
        if (muted.has(`${who} ${what}`)) this.world.mute(share);
        if (share.current) device.camera.show(share.current.level);
      }
    }
  }

  #found(who: Person, what: Shared) {
    const key = `${who} ${what}`;
    const share = this.world.find(who, what);
    const device = this.#devices.get(key);
    if (!share || !device) throw new Error(`${who} does not share the ${what}`);
    return { share, device, key };
  }

  async #end(key: string): Promise<void> {
    const device = this.#devices.get(key);
    this.#devices.delete(key);
    await device?.camera.close();
  }

  /** Resolves when a reader of the track has the picture. */
  async #seen(showing: Showing): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    const isDue = () =>
      !showing.seenAt && !showing.next && !showing.share.isMuted && !showing.taken;
    while (isDue() && Date.now() < deadline) await pause(5);
  }
}
