import { voice } from '@livekit/agents';
import { afterAll, beforeAll } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { OfflineReader } from '../../offline/reader.ts';
import { VideoSession } from '../../src/index.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type { StreamStatus } from '../../src/source.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { newestFrame, SOURCE_ID, sessionInput } from '../support/machines/inputs.ts';
import type { Operation } from '../support/machines/real/paths.ts';
import { type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, type Person, RealRoom, type Share } from '../support/real-room.ts';

type Session = typeof sessionMachine;
type Snapshot = SnapshotFrom<Session>;
type Event = PathEvent<Session>;
interface World {
  camera: 'none' | 'on' | 'muted';
  mode: 'sampled' | 'off';
}

const { done } = eventsOf(sessionMachine);

/** One room and one user for all paths. */
let room: RealRoom;
let user: Person;

/** An agent that takes pictures and answers typed text. */
class RealSession implements RealWorld {
  readonly reader = new OfflineReader();
  readonly session: voice.AgentSession;
  readonly video: VideoSession;
  readonly watch: Watch;
  share: Share | undefined;

  constructor() {
    this.session = new voice.AgentSession({
      llm: this.reader,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    this.video = new VideoSession(this.session, {
      room: room.agentRoom,
      input: { stallAfterMs: WAIT_LIMIT_MS, lookTimeoutMs: WAIT_LIMIT_MS },
      turn: { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS },
    });
    this.watch = new Watch(this.video.actor, 'session');
  }

  start(): void {}

  begin(): Promise<void> {
    return this.video.start({
      agent: new voice.Agent({ instructions: 'Say what you see.' }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { audioEnabled: false },
    });
  }

  async end(): Promise<void> {
    await this.video.close();
    await this.share?.stop();
    await this.reader.aclose();
    await until('empty', () =>
      [...room.agentRoom.remoteParticipants.values()].every((p) => p.trackPublications.size === 0),
    );
  }
}

const isReady = (s: Snapshot) => s.matches({ open: { startup: 'ready' } });
const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes: Partial<World> = {},
): Operation<Session, World> => ({ brings, changes: () => changes });
/** Operations on a running session. */
const live = (brings: (world: World) => Event[] | null, changes: Partial<World> = {}) =>
  onlyIf((s, world) => (isReady(s) ? brings(world) : null), changes);
const pick = pickOf('camera');
const picked = (now: typeof pick | null): Event => ({
  type: 'pick.changed',
  sourceId: SOURCE_ID,
  pick: now,
  previous: null,
  reason: '',
});
const status = (streamStatus: StreamStatus): Event => ({
  type: 'streamStatus.changed',
  sourceId: SOURCE_ID,
  streamStatus,
  pick,
  error: null,
});
const opens = [status('opening'), status('live')];
const shows = ({ mode }: Pick<World, 'mode'>) =>
  mode === 'off' ? [picked(pick)] : [picked(pick), ...opens];
const hides = ({ mode }: Pick<World, 'mode'>) =>
  mode === 'off' ? [picked(null)] : [picked(null), status('none')];
const requestId = 1;

describeWithServer('a real session', (server) => {
  beforeAll(async () => {
    room = await RealRoom.withAgent(server());
    // The framework's transcription keeps its listeners in the room: all sessions here share it.
    room.agentRoom.setMaxListeners(100);
    user = await room.join('user');
  }, WAIT_LIMIT_MS);
  afterAll(async () => {
    await closeRooms();
  }, WAIT_LIMIT_MS);

  testRealPaths(
    [
      {
        machine: sessionMachine,
        input: sessionInput,
        world: { camera: 'none', mode: 'sampled' } as World,
        operations: {
          'start()': onlyIf((s) =>
            s.value === 'idle'
              ? [
                  { type: 'session.start', model: 'pipeline' },
                  status('none'),
                  { type: 'startup.joined' },
                  { type: 'agent.handedOff', agentId: 'first' },
                  { type: 'startup.ready' },
                ]
              : null,
          ),
          'a camera': live(({ camera, mode }) => (camera === 'none' ? shows({ mode }) : null), {
            camera: 'on',
          }),
          'it is muted': live((w) => (w.camera === 'on' ? hides(w) : null), { camera: 'muted' }),
          'it is unmuted': live((w) => (w.camera === 'muted' ? shows(w) : null), { camera: 'on' }),
          'it is unpublished': live((w) => (w.camera === 'on' ? hides(w) : null), {
            camera: 'none',
          }),
          'video off': live(
            ({ camera, mode }) => {
              if (mode === 'off') return null;
              const end = camera === 'on' ? [status('none')] : [];
              return [{ type: 'mode.set', mode: 'off' }, ...end];
            },
            { mode: 'off' },
          ),
          'video on': live(
            ({ camera, mode }) => {
              if (mode === 'sampled') return null;
              return [{ type: 'mode.set', mode: 'sampled' }, ...(camera === 'on' ? opens : [])];
            },
            { mode: 'sampled' },
          ),
          'a question': live(({ camera, mode }) => {
            if (camera !== 'on' || mode === 'off') return null;
            const request = { requestId, requestedAt: 0, frame: null, needsWords: false } as const;
            const asked = { ...request, frameExpected: true } as const;
            const answer = { requestId, frame: newestFrame, error: null } as const;
            return [
              { type: 'turn.requested', ...asked },
              { type: 'turn.ready', outcome: 'attached', ...answer },
              { type: 'turn.committed', requestId },
              { type: 'turn.cleared', requestId, frameId: newestFrame.id },
            ];
          }),
          'a question while video is off': live(({ camera }) => {
            if (camera !== 'none') return null;
            const request = { requestId, requestedAt: 0, frame: null, needsWords: false } as const;
            const asked = { ...request, frameExpected: false } as const;
            const answer = { requestId, frame: null, error: null } as const;
            return [
              { type: 'turn.requested', ...asked },
              { type: 'turn.ready', outcome: 'nothing-to-attach', ...answer },
            ];
          }),
          'every frame is needed for a moment': live(({ camera }) =>
            camera === 'none'
              ? [
                  { type: 'flow.held', sourceId: SOURCE_ID },
                  { type: 'flow.released', sourceId: SOURCE_ID },
                ]
              : null,
          ),
          'a short look at a source that is not shared': live(({ camera }) =>
            camera === 'none'
              ? [
                  { type: 'source.opened', source: { id: 'look/screen', selector: 'screen' } },
                  { ...status('none'), sourceId: 'look/screen' } as Event,
                  { type: 'source.released', sourceId: 'look/screen' },
                ]
              : null,
          ),
          'a look': live(({ camera, mode }) =>
            camera === 'on' && mode !== 'off'
              ? [
                  { type: 'look.requested', sourceId: SOURCE_ID, lookId: 1 },
                  { type: 'look.answered', sourceId: SOURCE_ID, lookIds: [1], frameId: 1 },
                ]
              : null,
          ),
          'the application wants the camera': live(() => [
            { type: 'source.pinned', selector: 'camera' },
          ]),
          'another agent': live(() => [{ type: 'agent.handedOff', agentId: 'other' }]),
          'close()': onlyIf((s) =>
            s.value === 'idle'
              ? [{ type: 'session.close' }]
              : isReady(s)
                ? [{ type: 'session.close' }, done('closing')]
                : null,
          ),
          'the agent session ends': live(() => [{ type: 'agent.closed' }, done('closing')]),
        },
        make: () => new RealSession(),
        // The work for a realtime model continues beside a pipeline, and so do the reports about
        // frames.
        free: [
          'rate.changed',
          'turn.committed',
          'xstate.done.actor.turn-1',
          'xstate.done.actor.startup',
        ],
        does: {
          'start()': (world) => world.begin(),
          'a camera': async (world) => {
            world.share = await user.share('camera');
          },
          'it is muted': (world) => world.share?.mute(),
          'it is unmuted': (world) => world.share?.unmute(),
          'it is unpublished': async (world) => {
            await world.share?.stop();
            world.share = undefined;
          },
          'video off': ({ video }) => video.setMode('off'),
          'video on': ({ video }) => video.setMode('sampled'),
          'a question': () => user.ask('What do you see?'),
          'a question while video is off': () => user.ask('What do you see?'),
          'every frame is needed for a moment': ({ video }) => video.lumaFeed.onFrame(() => {})(),
          'a short look at a source that is not shared': ({ video: { actor } }) => {
            const source = { id: 'look/screen', selector: 'screen' } as const;
            actor.send({ type: 'source.opened', source });
            actor.send({ type: 'source.released', sourceId: source.id });
          },
          'a look': ({ video }) => video.look(),
          'the application wants the camera': ({ video }) => video.pinSource('camera'),
          'another agent': ({ session }) =>
            session.updateAgent(new voice.Agent({ instructions: 'Another one.' })),
          'close()': ({ video }) => video.close(),
          'the agent session ends': ({ session }) => session.close(),
        },
      },
    ],
    {
      'session.open.startup.joined -- avatar': 'needs an avatar: see avatar.test.ts',
      'session.open.avatar.shown': 'the same',
      'persona.set': 'the same',
      'session.open.model.streaming': 'needs a realtime model: see model-link.test.ts',
      'session.open.model.blind': 'needs other models: see integration/hand-off-kinds.test.ts',
      'agent.modelChanged': 'the same',
      'startup.failed': 'a failed start leaves no session: see startup.real.test.ts',
      'session.open -- xstate.error.actor': 'no operation makes a part fail',
      'session.closing -- xstate.error': 'everything in this room can be released',
      'session.closing -- xstate.after': 'the same',
      'session.closing -- *':
        'no event arrives in the rest of the second in which the session closes',
      'user.*': 'there is no audio here',
      'motion.kept': 'a turn has one picture here',
      'turn.discarded': 'needs a discarded request: see turn-completion.real.test.ts',
      'turn.withdrawn': 'needs a mode that changes meanwhile: see pipeline-video.withdrawn.test.ts',
      'sample.': 'a pipeline gets frames with its turns only',
      'sampler.failed': 'the same',
      'video.pauseGivenUp': 'a pipeline pauses nothing',
    },
  );
});
