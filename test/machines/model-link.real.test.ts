import type { llm } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { afterAll } from 'vitest';
import { createActor, type SnapshotFrom } from 'xstate';
import { connectionEvents, revive } from '../../src/actors/model-link.ts';
import { modelLinkMachine } from '../../src/machines/model-link.machine.ts';
import { realtimeVideoSink } from '../../src/models/realtime-sink.ts';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { linkInput } from '../support/machines/inputs.ts';
import { inputOf } from '../support/machines/parent.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

// A lost connection is an error for the plugin, not for the test.

type Link = typeof modelLinkMachine;
type Snapshot = SnapshotFrom<Link>;
type Event = PathEvent<Link>;
interface World {
  /** Whether the service lets a connection become ready. */
  admits: boolean;
}

const endings: Promise<unknown>[] = [];
afterAll(async () => {
  await Promise.all(endings);
});

const { elapsed } = eventsOf(modelLinkMachine);
const { blindAfterMs, reviveTimeoutMs } = linkInput;

/** Google's plugin as installed, its service, and the link between them. */
class RealLink implements RealWorld {
  readonly clock = new HandClock();
  readonly actor;
  readonly watch: Watch;
  readonly #fake: FakeGeminiLive;
  readonly #session: llm.RealtimeSession;
  #admit: () => void;

  constructor(fake: FakeGeminiLive, baseUrl: string) {
    this.#fake = fake;
    this.#admit = fake.setup.hold();
    const model = new google.realtime.RealtimeModel({ apiKey: 'k', httpOptions: { baseUrl } });
    this.#session = model.session();
    // The plugin reports as an error what the test does to its connection.
    this.#session.on('error', () => {});
    const sink = realtimeVideoSink(this.#session);
    const machine = modelLinkMachine.provide({
      actors: { connectionEvents: connectionEvents(() => sink), revive: revive(() => sink) },
    });
    this.actor = createActor(machine, {
      id: 'link',
      input: inputOf(modelLinkMachine, linkInput),
      clock: this.clock,
    });
    this.watch = new Watch(this.actor, 'link');
  }

  static async make(): Promise<RealLink> {
    const fake = new FakeGeminiLive();
    const { baseUrl } = await fake.listen();
    return new RealLink(fake, baseUrl);
  }

  start(): void {
    this.actor.start();
  }

  admit(): void {
    this.#admit();
  }

  hold(): void {
    this.#admit = this.#fake.setup.hold();
  }

  /** Closes in a way that the plugin does not notice. */
  closeSilently(): void {
    this.#fake.closeConnection(1000);
  }

  /** Announces the end of the connection; the plugin then reconnects. */
  goAway(): void {
    this.#fake.goAway();
  }

  end(): void {
    this.actor.stop();
    endings.push(this.#session.close().then(() => this.#fake.close()));
  }
}

const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  admits?: boolean,
): Operation<Link, World> => ({
  brings,
  changes: (_, world) => ({ admits: admits ?? world.admits }),
});
const silent: Event = { type: 'model.closedSilently' };
const connected: Event = { type: 'model.connected' };
/** The plugin was asked to reconnect; the machine waits for the connection. */
const REVIVED = 'xstate.done.actor.0.modelLink.reviving';

testRealPaths(
  [
    {
      machine: modelLinkMachine,
      input: linkInput,
      world: { admits: false } as World,
      key: ({ context }: Snapshot) => [context.revivals],
      operations: {
        'the service admits it': onlyIf((_, { admits }) => (admits ? null : [connected]), true),
        'the service closes silently, and admits it again': onlyIf((s) =>
          s.value === 'sighted' ? [silent, connected] : null,
        ),
        'the service closes silently, and does not admit it': onlyIf(
          (s) => (s.value === 'sighted' ? [silent] : null),
          false,
        ),
        'the service ends it, and does not admit it': onlyIf(
          (s) => (s.value === 'sighted' ? [{ type: 'model.disconnected' }] : null),
          false,
        ),
        'no connection for long': onlyIf((s) =>
          s.value === 'waiting' ? [elapsed('blindAfter', 'waiting')] : null,
        ),
        'no revived connection in time': onlyIf((s) =>
          s.value === 'reviving' ? [elapsed('reviveTimeout', 'reviving')] : null,
        ),
      },
      make: () => RealLink.make(),
      free: [REVIVED],
      does: {
        'the service admits it': (world) => world.admit(),
        'the service closes silently, and admits it again': (world) => world.closeSilently(),
        'the service closes silently, and does not admit it': (world) => {
          world.hold();
          world.closeSilently();
        },
        'the service ends it, and does not admit it': (world) => {
          world.hold();
          world.goAway();
        },
        'no connection for long': ({ clock }) => clock.elapse(blindAfterMs),
        'no revived connection in time': ({ clock }) => clock.elapse(reviveTimeoutMs),
      },
    },
  ],
  {
    'waiting -- model.closedSilently': 'the plugin has no connection there that could close',
    'sighted -- model.connected':
      'it is up to chance whether a check falls between two connections',
    'reviving -- xstate.error.actor': "Google's plugin can always be made to reconnect",
  },
);
