import { pause, type StoryStage } from './stage.ts';
import type { Person, Shared } from './steps.ts';
import { StoryCamera } from './story-camera.ts';
import type { StoryRoom } from './story-room.ts';
import type { Share, Showing, World } from './world.ts';

/** Limit of the wait until a reader of the track has a picture, in ms. */
const PATIENCE_MS = 4000;

/** The people of a story with their devices. Records what they do in the world. */
export class People {
  readonly world: World;
  readonly #room: StoryRoom;
  readonly #enter: (who: Person) => Promise<void>;
  readonly #isMarked: boolean;
  readonly #devices = new Map<string, StoryCamera>();

  constructor(stage: StoryStage, world: World) {
    this.#room = stage.room;
    this.#enter = (who) => stage.join(who);
    this.#isMarked = stage.isMasked;
    this.world = world;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#devices.values()].map((camera) => camera.close()));
  }

  async join(who: Person): Promise<void> {
    this.world.join(who);
    await this.#enter(who);
  }

  async leave(who: Person): Promise<void> {
    const gone = this.#go(who);
    if (gone) await gone;
    for (const key of [...this.#devices.keys()])
      if (key.startsWith(`${who} `)) await this.#end(key);
  }

  /** Leaves and joins at once, with the same devices. */
  async rejoin(who: Person): Promise<void> {
    const shared = this.world.sharesOf(who);
    const gone = this.#go(who);
    if (gone) await gone;
    const joined = this.join(who);
    // Otherwise the sources are shared before the next step, even if that does not wait.
    if (this.#room.hasOwnRooms) await joined;
    await Promise.all(shared.map(({ what }) => this.share(who, what)));
  }

  /** Their tracks are unpublished. The agent may now serve another person. */
  #go(who: Person): Promise<void> | undefined {
    return this.#whenTold(this.#room.leave(who), () => {
      const before = this.world.served;
      this.world.leave(who);
      if (this.world.served !== before) void this.showAnew();
    });
  }

  /** Changes the world when the agent's room has the news. Until then, both are possible. */
  #whenTold(news: Promise<void> | undefined, change: () => void): Promise<void> | undefined {
    if (!news) return void change();
    this.world.unsettle();
    return news.then(change);
  }

  async share(who: Person, what: Shared): Promise<void> {
    const key = `${who} ${what}`;
    const share = this.world.share(who, what, this.#isUpright(key));
    const camera = this.#devices.get(key) ?? this.#device(share, key);
    if (camera.camera.muted) camera.unmute();
    if (share.current) camera.show(share.current.level);
    const published = this.#room.publish(who, camera);
    if (published) await published;
    if (share.current) await this.#seen(share.current);
  }

  async unshare(who: Person, what: Shared): Promise<void> {
    const { share, camera, key } = this.#found(who, what);
    const ended = this.#whenTold(this.#room.unpublish(who, camera), () =>
      this.world.unshare(share),
    );
    if (ended) await ended;
    await this.#end(key);
  }

  mute(who: Person, what: Shared): Promise<void> | undefined {
    const { share, camera } = this.#found(who, what);
    return this.#whenTold(this.#room.setMuted(who, camera, true), () => this.world.mute(share));
  }

  async unmute(who: Person, what: Shared): Promise<void> {
    const { share, camera } = this.#found(who, what);
    // A new picture, so that one from before the mute is recognised.
    const showing = this.#show(share, camera);
    this.world.unmute(share);
    const unmuted = this.#room.setMuted(who, camera, false);
    if (unmuted) await unmuted;
    await this.#seen(showing);
  }

  /** Shows another picture. */
  async show(who: Person, what: Shared): Promise<void> {
    const { share, camera } = this.#found(who, what);
    await this.#seen(this.#show(share, camera));
  }

  async turnPhone(who: Person): Promise<void> {
    const { share, camera } = this.#found(who, 'camera');
    const rotation = camera.camera.rotation === 0 ? 90 : 0;
    camera.camera.rotation = rotation;
    await this.#seen(this.#show(share, camera, rotation === 0));
  }

  /** Whether the person holds the phone upright. A rejoin keeps the rotation. */
  #isUpright(key: string): boolean {
    return (this.#devices.get(key)?.camera.rotation ?? 0) === 0;
  }

  #device({ what, who, current }: Share, key: string): StoryCamera {
    const shown = { what, isMarked: this.#isMarked, level: current?.level ?? 0 };
    const camera = new StoryCamera(shown, (level, at) => {
      const showing = this.world.find(who, what)?.current;
      if (showing?.level === level) showing.seenAt ??= at;
    });
    this.#devices.set(key, camera);
    return camera;
  }

  #show(share: Share, camera: StoryCamera, isUpright?: boolean): Showing {
    const showing = this.world.show(share, isUpright);
    camera.show(showing.level);
    return showing;
  }

  /** Each camera shows a different picture, so that a forbidden one can be identified. */
  async showAnew(): Promise<void> {
    const showings = this.world.shares.map((share) => {
      const camera = this.#devices.get(`${share.who} ${share.what}`);
      return camera && this.#show(share, camera);
    });
    await Promise.all(showings.map((showing) => showing && this.#seen(showing)));
  }

  /** The room reconnects with new participants and new publications. */
  async reconnectFully(): Promise<void> {
    if (this.#room.hasDelay) {
      this.world.unsettle();
      await this.#room.reconnect('full');
      this.world.settle();
      return this.showAnew();
    }
    const { people } = this.world;
    const shared = people.map((who) => this.world.sharesOf(who).map((share) => share.what));
    const muted = new Set(
      this.world.shares.filter(({ isMuted }) => isMuted).map(({ who, what }) => `${who} ${what}`),
    );
    for (const who of people) this.world.leave(who);
    await this.#room.reconnect('full');
    for (const [index, who] of people.entries()) {
      this.world.join(who);
      for (const what of shared[index] ?? []) {
        const share = this.world.share(who, what, this.#isUpright(`${who} ${what}`));
        if (muted.has(`${who} ${what}`)) this.world.mute(share);
        if (share.current) this.#devices.get(`${who} ${what}`)?.show(share.current.level);
      }
    }
  }

  #found(who: Person, what: Shared) {
    const key = `${who} ${what}`;
    const share = this.world.find(who, what);
    const camera = this.#devices.get(key);
    if (!share || !camera) throw new Error(`${who} does not share the ${what}`);
    return { share, camera, key };
  }

  async #end(key: string): Promise<void> {
    const camera = this.#devices.get(key);
    this.#devices.delete(key);
    await camera?.close();
  }

  /** Resolves when a reader of the track has the picture. */
  async #seen(showing: Showing): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    const isDue = () =>
      !showing.seenAt && !showing.next && !showing.share.isMuted && !showing.taken;
    while (isDue() && Date.now() < deadline) await pause(5);
  }
}
