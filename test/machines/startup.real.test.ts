import { voice } from '@livekit/agents';
import { createActor, fromPromise, type SnapshotFrom } from 'xstate';
import { OfflineReader } from '../../offline/reader.ts';
import { connectRoom } from '../../src/actors/connect-room.ts';
import { startupMachine } from '../../src/machines/startup.machine.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { startupInput } from '../support/machines/inputs.ts';
import { inputOf, type SettingsFrom } from '../support/machines/parent.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import { type Play, type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Startup = typeof startupMachine;
type Snapshot = SnapshotFrom<Startup>;

/** How the agent session starts: normally, with an error, or never. */
type Kind = 'sound' | 'broken' | 'slow';

const { elapsed, done, failed } = eventsOf(startupMachine);
const { connectTimeoutMs, startTimeoutMs } = startupInput;

/** A room that connects when the test decides. */
class LateRoom extends LoopbackRoom {
  #isConnected = false;

  override get isConnected(): boolean {
    return this.#isConnected;
  }

  connect(): void {
    this.#isConnected = true;
    this.emit('connectionStateChanged' as 'reconnected');
  }
}

class TestSession extends voice.AgentSession {
  kind: Kind = 'sound';

  override async start(options: Parameters<voice.AgentSession['start']>[0]): Promise<void> {
    if (this.kind === 'broken') throw new Error('no agent');
    if (this.kind === 'slow') await new Promise<void>(() => {});
    await super.start(options);
  }
}

/** The start of a real agent session in a separate room. */
class RealStartup implements RealWorld {
  readonly room = new LateRoom();
  readonly clock = new HandClock();
  readonly reader = new OfflineReader();
  readonly session = new TestSession({
    llm: this.reader,
    vad: null,
    turnHandling: { turnDetection: null },
  });
  readonly actor;
  readonly watch: Watch;

  constructor(settings: SettingsFrom<Startup>, kind: Kind) {
    this.session.kind = kind;
    const machine = startupMachine.provide({
      actors: {
        connectRoom: fromPromise(({ signal }) => connectRoom(this.room, signal, () => {})),
        startAgent: fromPromise(() =>
          this.session.start({ agent: new voice.Agent({ instructions: 'Say what you see.' }) }),
        ),
      },
    });
    const input = inputOf(startupMachine, settings);
    this.actor = createActor(machine, { id: 'startup', input, clock: this.clock });
    this.watch = new Watch(this.actor, 'startup');
  }

  start(): void {
    this.actor.start();
  }

  async end(): Promise<void> {
    this.actor.stop();
    await this.session.close();
    await this.reader.aclose();
  }
}

const outcome: Record<Kind, PathEvent<Startup>[]> = {
  sound: [done('starting')],
  broken: [failed('starting', 'no agent')],
  slow: [],
};
const inState =
  (state: Snapshot['value'], ...events: PathEvent<Startup>[]) =>
  (s: Snapshot) =>
    s.value === state ? events : null;

function play(kind: Kind, waitsForAvatar: boolean): Play<Startup, null, RealStartup> {
  const input = { ...startupInput, waitsForAvatar };
  const joined = [done('connecting'), ...(waitsForAvatar ? [] : outcome[kind])];
  return {
    machine: startupMachine,
    input,
    world: null,
    operations: {
      'the room connects': { brings: inState('connecting', ...joined) },
      'the room takes too long': {
        brings: inState('connecting', elapsed('connectTimeout', 'connecting')),
      },
      'the avatar comes': {
        brings: inState('awaitingAvatar', { type: 'avatar.shown' }, ...outcome[kind]),
      },
      'the agent takes too long': {
        brings: inState('starting', elapsed('startTimeout', 'starting')),
      },
    },
    make: () => new RealStartup(input, kind),
    does: {
      'the room connects': ({ room }) => room.connect(),
      'the room takes too long': ({ clock }) => clock.elapse(connectTimeoutMs),
      'the avatar comes': ({ actor }) => actor.send({ type: 'avatar.shown' }),
      'the agent takes too long': ({ clock }) => clock.elapse(startTimeoutMs),
    },
  };
}

testRealPaths(
  [play('sound', true), play('sound', false), play('broken', true), play('slow', true)],
  {
    'connecting -- xstate.error.actor': 'outside a job, a room connects or takes too long',
  },
);
