import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceSelector, TrackInfo } from '../../src/source.ts';
import { discoveryInput } from '../support/machines/inputs.ts';
import { ofType, walks } from '../support/machines/recorded.ts';
import { simulatedRoom, track } from '../support/machines/simulated-room.ts';

const pool: TrackInfo[] = [
  track('camera'),
  track('screenA'),
  track('screenB'),
  track('unnamed', { source: 'unknown' }),
  track('guestCamera', { identity: 'guest' }),
  track('guestScreen', { identity: 'guest', source: 'screen' }),
  track('face', { identity: 'avatar', onBehalfOf: 'agent' }),
];
const selectors: (SourceSelector | null)[] = [
  null,
  'camera',
  'screen',
  { trackSid: 'screenA' },
  { trackSid: 'guestCamera' },
  { trackSid: 'face' },
  { identity: 'guest' },
  { identity: 'avatar' },
];

const sid = fc.constantFrom(...pool.map((t) => t.sid));
const identity = fc.constantFrom('user', 'guest', 'avatar');
const command = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('publish'), sid, fc.boolean(), fc.boolean()) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('toggle mute'), sid) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('toggle subscription'), sid) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('unpublish'), sid) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('link'), fc.option(identity)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('pin'), fc.constantFrom(...selectors)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait'), fc.nat({ max: 3_000 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('leave'), identity) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('represents'), identity) },
  { weight: 2, arbitrary: fc.constant(['reconnecting'] as const) },
  { weight: 2, arbitrary: fc.constant(['synced'] as const) },
  { weight: 1, arbitrary: fc.constant(['disconnected'] as const) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** The true state of a room, reported to discovery as the room's adapter would. */
class World {
  readonly room = simulatedRoom();
  /** Published tracks, in the order of publishing. */
  readonly tracks = new Map<string, TrackInfo>();
  readonly #avatars = new Set(['avatar']);
  linked: string | null = 'user';
  selector: SourceSelector = discoveryInput.selector;
  /** The watched track when the connection broke: kept until it is repaired. */
  held: string | null = null;
  #heard = 0;

  /** The track that should be watched: a second implementation of the rule. */
  get wanted(): string | null {
    const watchable = [...this.tracks.values()].filter(
      (t) => t.subscribed && !t.muted && this.isChosen(t) && !this.#avatars.has(t.identity),
    );
    const named = watchable.filter((t) => t.source === this.selector);
    return (named.at(-1) ?? watchable.at(-1))?.sid ?? null;
  }

  isChosen(t: TrackInfo): boolean {
    const { selector } = this;
    if (typeof selector !== 'object') {
      const isRight =
        selector === 'latest' ||
        selector === t.source ||
        (selector === 'camera' && t.source === 'unknown');
      return t.identity === this.linked && isRight;
    }
    return 'trackSid' in selector ? selector.trackSid === t.sid : selector.identity === t.identity;
  }

  apply(given: Command): void {
    this.#do(given);
    this.#obey();
  }

  #do([name, ...args]: Command): void {
    const [first, muted, subscribed] = args;
    const { room, tracks } = this;
    const known = typeof first === 'string' ? tracks.get(first) : undefined;
    if (name === 'publish') this.#publish(String(first), muted === true, subscribed === true);
    else if (name === 'toggle mute' && known) this.#toggle(known, 'muted', room.mute, room.unmute);
    else if (name === 'toggle subscription' && known)
      this.#toggle(known, 'subscribed', room.subscribed, room.unsubscribed);
    else if (name === 'unpublish' && known) {
      tracks.delete(known.sid);
      room.unpublish(known.sid);
    } else if (name === 'link') {
      this.linked = typeof first === 'string' ? first : null;
      room.link(this.linked);
    } else if (name === 'pin') {
      const selector = first as SourceSelector | null;
      this.selector = selector ?? discoveryInput.selector;
      room.pin(selector);
    } else if (name === 'wait') room.clock.advance(Number(first));
    else if (name === 'leave') {
      this.#forget(String(first));
      room.leave(String(first));
    } else if (name === 'represents') {
      this.#avatars.add(String(first));
      room.represents(String(first), 'agent');
    } else if (name === 'reconnecting') {
      this.held = this.held ?? this.wanted;
      room.reconnecting();
    } else if (name === 'synced') {
      this.held = null;
      room.synced(...[...tracks.values()].map((t) => this.#shown(t)));
    } else if (name === 'disconnected') {
      tracks.clear();
      this.held = null;
      this.linked = null;
      room.disconnected();
    }
  }

  #publish(id: string, muted: boolean, subscribed: boolean) {
    const info = pool.find((t) => t.sid === id);
    if (!info || this.tracks.has(id)) return;
    this.tracks.set(id, { ...info, muted, subscribed });
    this.room.publish(this.#shown({ ...info, muted, subscribed }));
  }

  /** Changes during a broken connection arrive with the next scan only. */
  #toggle(
    known: TrackInfo,
    what: 'muted' | 'subscribed',
    on: (id: string) => void,
    off: (id: string) => void,
  ) {
    const now = !known[what];
    this.tracks.set(known.sid, { ...known, [what]: now });
    if (this.held === null) (now ? on : off)(known.sid);
  }

  #forget(who: string) {
    for (const t of this.tracks.values()) if (t.identity === who) this.tracks.delete(t.sid);
  }

  #shown = (t: TrackInfo): TrackInfo => ({
    ...t,
    onBehalfOf: this.#avatars.has(t.identity) ? 'agent' : null,
  });

  /** Releases the subscriptions that discovery releases. */
  #obey() {
    for (; this.#heard < this.room.reports.length; this.#heard++) {
      const report = this.room.reports[this.#heard];
      const known = report?.type === 'subscription.released' && this.tracks.get(report.sid);
      if (!known) continue;
      this.tracks.set(known.sid, { ...known, subscribed: false });
      this.room.unsubscribed(known.sid);
    }
  }
}

const commands = fc.array(command, { minLength: 20, maxLength: 40 });

test('the newest watchable track of the selected participant is watched, and a broken connection changes nothing', () => {
  fc.assert(
    fc.property(commands, (given) => {
      const world = new World();
      for (const one of given) {
        world.apply(one);
        expect(world.room.watched()).toBe(world.held ?? world.wanted);
      }
    }),
    walks(100),
  );
});

test('each report of a pick names the one before it, and never the same one again', () => {
  fc.assert(
    fc.property(commands, (given) => {
      const world = new World();
      for (const one of given) world.apply(one);
      let previous: string | null = null;
      for (const report of ofType(world.room.reports, 'pick.changed')) {
        expect(report.previous?.sid ?? null).toBe(previous);
        expect(report.pick?.sid ?? null).not.toBe(previous);
        previous = report.pick?.sid ?? null;
      }
    }),
    walks(60),
  );
});

test('a subscription is requested only if it is missing, and only requested ones are released', () => {
  fc.assert(
    fc.property(commands, (given) => {
      const world = new World();
      const ours = new Set<string>();
      for (const one of given) {
        const before = world.room.reports.length;
        world.apply(one);
        for (const report of world.room.reports.slice(before)) {
          if (report.type === 'subscription.released') {
            expect(ours.delete(report.sid)).toBe(true);
          } else if (report.type === 'subscription.wanted') {
            ours.add(report.sid);
            const wanted = world.tracks.get(report.sid);
            expect(wanted && world.isChosen(wanted)).toBe(true);
            if (world.held === null) expect(wanted).toMatchObject({ muted: false });
          }
        }
      }
    }),
    walks(60),
  );
});
