import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { type Actor, createActor, type SnapshotFrom } from 'xstate';
import { speechEnd, startAvatar, stopAvatar } from '../../src/actors/avatar-lifecycle.ts';
import { avatarPresence } from '../../src/actors/avatar-presence.ts';
import { Speaker } from '../../src/avatar/speaker.ts';
import type { AvatarSessionLike } from '../../src/index.ts';
import { avatarMachine } from '../../src/machines/avatar.machine.ts';
import { type AvatarFaults, TestAvatar } from '../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { avatarInput } from '../support/machines/inputs.ts';
import { inputOf } from '../support/machines/parent.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';
import { describeWithServer } from '../support/real-parts.ts';

type Startup = typeof avatarMachine;
type Snapshot = SnapshotFrom<Startup>;
type Event = PathEvent<Startup>;

interface World {
  user: 'in' | 'out';
  agent: 'waits' | 'runs';
}

const { elapsed, done, failed } = eventsOf(avatarMachine);
const input = { ...avatarInput, maxAttempts: 2 };

/**
 * A provider that answers when the test decides, and an avatar that joins and leaves on demand.
 */
class HeldAvatar implements AvatarSessionLike {
  readonly avatarIdentity = FACE;
  readonly avatar: TestAvatar;
  #answer: { yes(): void; no(error: Error): void } | undefined;
  #closed: { yes(): void; no(error: Error): void } | undefined;

  constructor(avatar: TestAvatar) {
    this.avatar = avatar;
  }

  async start(session: voice.AgentSession, at: Room): Promise<void> {
    await new Promise<void>((yes, no) => {
      this.#answer = { yes, no };
    });
    await this.avatar.start(session, at);
  }

  async aclose(): Promise<void> {
    // A plugin that is closed abandons its start.
    this.#answer?.no(new Error('it was ended'));
    await this.avatar.leave();
    await new Promise<void>((yes, no) => {
      this.#closed = { yes, no };
    });
  }

  /** Answers the pending start request. */
  async answer(error?: Error): Promise<void> {
    await until('a start is asked for', () => this.#answer !== undefined);
    if (error) this.#answer?.no(error);
    else this.#answer?.yes();
    this.#answer = undefined;
  }

  /** Answers the pending stop request. */
  async closed(error?: Error): Promise<void> {
    await until('an end is asked for', () => this.#closed !== undefined);
    if (error) this.#closed?.no(error);
    else this.#closed?.yes();
    this.#closed = undefined;
  }

  /** Rejects all pending requests. */
  async end(): Promise<void> {
    await this.avatar.leave();
    this.#answer?.no(new Error('the test is over'));
    this.#closed?.yes();
  }
}

class RealAvatar implements RealWorld {
  readonly clock = new HandClock();
  readonly held: HeldAvatar;
  readonly actor: Actor<Startup>;
  readonly watch: Watch;
  readonly #server: LiveKitServer;
  readonly #name: string;
  readonly #room: Room;
  #user: Room;

  private constructor(server: LiveKitServer, name: string, room: Room, user: Room) {
    this.#server = server;
    this.#name = name;
    this.#room = room;
    this.#user = user;
    const faults: AvatarFaults = { joinsAfter: null };
    this.held = new HeldAvatar(new TestAvatar({ server, room: name }, faults));
    const speaker = new Speaker({
      session: new voice.AgentSession({ vad: null }),
      room,
      avatar: this.held,
      limits: {
        startTimeoutMs: WAIT_LIMIT_MS,
        playbackStartTimeoutMs: WAIT_LIMIT_MS,
        stopTimeoutMs: 5_000,
        clearTimeoutMs: 1_000,
        finishSlackMs: 1_000,
        silentAfterMs: WAIT_LIMIT_MS,
      },
      onUnconfirmed: () => {},
      onError: () => {},
    });
    const machine = avatarMachine.provide({
      actors: {
        startAvatar: startAvatar(speaker),
        stopAvatar: stopAvatar(speaker),
        speechEnd: speechEnd(speaker),
        avatarPresence: avatarPresence(speaker, room),
      },
    });
    this.actor = createActor(machine, {
      id: 'avatar',
      input: inputOf(avatarMachine, input),
      clock: this.clock,
    });
    this.watch = new Watch(this.actor, 'avatar');
  }

  /** A separate room, which the user joins before the agent. */
  static async make(server: LiveKitServer): Promise<RealAvatar> {
    const name = uniqueRoomName('paths');
    const user = await joinRoom(server, name, 'user');
    const room = await joinRoom(server, name, AGENT, { kind: 'agent' });
    return new RealAvatar(server, name, room, user);
  }

  start(): void {
    this.actor.start();
  }

  userLeaves(): Promise<void> {
    return this.#user.disconnect();
  }

  async userReturns(): Promise<void> {
    this.#user = await joinRoom(this.#server, this.#name, 'user');
  }

  async end(): Promise<void> {
    this.actor.stop();
    await this.held.end();
    await this.#user.disconnect();
    await this.#room.disconnect();
  }
}

const is = (s: Snapshot, presence: string) => {
  const [state = '', inner = ''] = presence.split('.');
  return s.matches({ presence: { [state]: inner } } as never);
};
const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes: Partial<World> = {},
): Operation<Startup, World> => ({ brings, changes: () => changes });
const stopping = ['voiceOnly.stopping', 'away.stopping', 'away.returning'];
const stopped = (s: Snapshot) => stopping.find((state) => is(s, state));
const isOrComes = (s: Snapshot) =>
  s.matches({ presence: 'shown' }) || s.matches({ presence: 'coming' });
const timesOf = {
  startTimeout: ['coming.starting', input.startTimeoutMs],
  joinTimeout: ['coming.joining', input.joinTimeoutMs],
  proven: ['shown.live', input.provenMs],
  grace: ['shown.alone', input.graceMs],
  untilRetry: ['voiceOnly.backingOff', input.retryBaseMs],
} as const;
const waits = (delay: keyof typeof timesOf): Operation<Startup, World> =>
  onlyIf((s) =>
    is(s, timesOf[delay][0]) ? [elapsed(delay, `presence.${timesOf[delay][0]}`)] : null,
  );
const lets =
  (delay: keyof typeof timesOf) =>
  ({ clock }: RealAvatar) =>
    clock.elapse(timesOf[delay][1]);

describeWithServer('an avatar in a real room', (running) => {
  // The server reports joins and leaves without a track after three seconds.
  testRealPaths(
    [
      {
        machine: avatarMachine,
        input,
        world: { user: 'in', agent: 'waits' } as World,
        key: ({ context }: Snapshot) => [context.attempts, context.isWanted],
        operations: {
          'the agent runs': onlyIf(
            (_, { agent }) => (agent === 'waits' ? [{ type: 'agent.started' }] : null),
            { agent: 'runs' },
          ),
          'the provider accepts': onlyIf((s) =>
            is(s, 'coming.starting') ? [done('presence.coming.starting')] : null,
          ),
          'the provider refuses': onlyIf((s) =>
            is(s, 'coming.starting') ? [failed('presence.coming.starting', 'no')] : null,
          ),
          'it joins': onlyIf((s) => (is(s, 'coming.joining') ? [{ type: 'avatar.joined' }] : null)),
          'it leaves': onlyIf((s) =>
            s.matches({ presence: 'shown' }) ? [{ type: 'avatar.left' }] : null,
          ),
          'it is stopped': onlyIf((s) => {
            const state = stopped(s);
            return state ? [done(`presence.${state}`)] : null;
          }),
          'it cannot be stopped': onlyIf((s) => {
            const state = stopped(s);
            return state ? [failed(`presence.${state}`, 'no')] : null;
          }),
          'its stop takes too long': onlyIf((s) => {
            const state = stopped(s);
            return state ? [elapsed('stopTimeout', `presence.${state}`)] : null;
          }),
          'the user leaves': onlyIf(
            // A second stop of an avatar that is gone settles by itself.
            (s, { user }) =>
              user === 'in' &&
              !(s.matches({ presence: 'voiceOnly' }) && !is(s, 'voiceOnly.stopping'))
                ? [{ type: 'user.left' }]
                : null,
            { user: 'out' },
          ),
          'the user comes back': onlyIf(
            (_, { user }) => (user === 'out' ? [{ type: 'user.returned' }] : null),
            { user: 'in' },
          ),
          'another avatar is set': onlyIf((s, { user }) =>
            user === 'in' && isOrComes(s)
              ? [{ type: 'persona.set', hasAvatar: true }, done('presence.dismissed')]
              : null,
          ),
          'the avatar is removed': onlyIf((s, { user }) =>
            user === 'in' && isOrComes(s)
              ? [{ type: 'persona.set', hasAvatar: false }, done('presence.dismissed')]
              : null,
          ),
          'it never starts': waits('startTimeout'),
          'it never joins': waits('joinTimeout'),
          'it stays': waits('proven'),
          'the user does not come back': waits('grace'),
          'the next attempt is due': waits('untilRetry'),
        },
        // A stop takes the avatar out of the room, whatever caused it.
        free: ['avatar.left'],
        concurrent: true,
        limitMs: 2 * WAIT_LIMIT_MS,
        make: () => RealAvatar.make(running()),
        does: {
          'the agent runs': ({ actor }) => actor.send({ type: 'agent.started' }),
          'the provider accepts': ({ held }) => held.answer(),
          'the provider refuses': ({ held }) => held.answer(new Error('no')),
          'it joins': ({ held }) => held.avatar.join(),
          'it leaves': ({ held }) => held.avatar.leave(),
          'it is stopped': ({ held }) => held.closed(),
          'it cannot be stopped': ({ held }) => held.closed(new Error('no')),
          'its stop takes too long': ({ clock }) => clock.elapse(input.stopTimeoutMs),
          'the user leaves': (world) => world.userLeaves(),
          'the user comes back': (world) => world.userReturns(),
          'another avatar is set': ({ actor }) =>
            actor.send({ type: 'persona.set', hasAvatar: true }),
          'the avatar is removed': ({ actor }) =>
            actor.send({ type: 'persona.set', hasAvatar: false }),
          'it never starts': lets('startTimeout'),
          'it never joins': lets('joinTimeout'),
          'it stays': lets('proven'),
          'the user does not come back': lets('grace'),
          'the next attempt is due': lets('untilRetry'),
        },
      },
    ],
    {
      'avatar.broke': 'needs a killed process: test/integration/avatar/faults.server.test.ts',
      'presence.beginning -- always #0':
        'needs an option: set-avatar.server.test.ts starts without an avatar',
      'deciding -- always #1':
        'needs a user who leaves before the old avatar does: test/machines/avatar.test.ts',
      'presence.dismissed -- avatar.left': 'no speech is played here, so none can be interrupted',
      'presence.dismissed -- xstate.error': 'the wait for the end of speech does not fail',
      finishTimeout: 'no speech is played here, so none can take too long',
    },
  );
});
