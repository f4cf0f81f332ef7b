import { type ControllingRoom, setVideoMode } from '../../client/control.ts';
import { linkParticipant } from '../../internals/link-participant.ts';
import type { SamplingMode } from '../../source.ts';
import { isNetworkFault } from '../network-fault.ts';
import { markMask } from './masks.ts';
import { People } from './people.ts';
import { Presses } from './presses.ts';
import { PATIENCE_MS, Questions } from './questions.ts';
import { personOf } from './situation.ts';
import type { StorySpeech } from './speech.ts';
import { pause, type StoryStage } from './stage.ts';
import type { Person, StepKind, StepOf, Story } from './steps.ts';
import { World } from './world.ts';

/** Steps that wait for other ones of their kind: a speech, and the button of push-to-talk. */
const QUEUED: ReadonlySet<StepKind> = new Set(['say', 'press']);
/** Their limit, including the ones before them, in ms. */
const QUEUE_PATIENCE_MS = 20_000;

/** Interval in which a late step is checked, in ms. */
const LATE_CHECK_MS = 100;

/** Steps that move the conversation to another agent or connection. */
const MOVES: ReadonlySet<StepKind> = new Set(['start', 'handOff', 'drop', 'refuse', 'close']);

/** Steps that always end before the next one: a reconnect, and a request whose answer counts. */
const ALONE: ReadonlySet<StepKind> = new Set(['reconnect', 'modeByUser']);

/** Steps of people whose news takes a while over a network. The next step comes when it has arrived. */
const NEWS: ReadonlySet<StepKind> = new Set([
  'join',
  'leave',
  'rejoin',
  'share',
  'unshare',
  'mute',
  'unmute',
]);

/** Performs the steps of a story, and records when each picture was shown. */
export class Player {
  readonly world: World;
  readonly #stage: StoryStage;
  readonly #people: People;
  readonly #questions: Questions;
  readonly #presses: Presses;
  readonly #pending = new Set<Promise<void>>();
  #step = 0;

  constructor(stage: StoryStage) {
    this.#stage = stage;
    this.world = new World(stage.room.hasLink);
    this.#people = new People(stage, this.world);
    this.#questions = new Questions(stage);
    this.#presses = new Presses({
      stage,
      questions: this.#questions,
      showAnew: () => this.#people.showAnew(),
    });
  }

  /** Plays all steps, including the ends of those with `wait: false`. */
  async play(story: Story): Promise<void> {
    for (const [index, step] of story.entries()) {
      this.#step = index;
      const isMove = MOVES.has(step.do);
      const move: { from: number; to?: number } = { from: Date.now() };
      if (isMove) this.#stage.record.moves.push(move);
      const done = this.#do(step)
        .catch((error: unknown) => {
          const what = `${step.do}: ${error instanceof Error ? error.message : error}`;
          if (isNetworkFault(error)) this.#stage.record.networkFaults.push(what);
          else this.#problem(index, what);
        })
        .finally(() => {
          move.to = Date.now();
        });
      if (step.wait !== false || this.#isWhole(step.do))
        await this.#patiently(index, step.do, done);
      else this.#pending.add(this.#patiently(index, step.do, done));
      if (this.#stage.isMasked) this.#pending.add(this.#takeLatest(index));
    }
    await Promise.all(this.#pending);
  }

  async close(): Promise<void> {
    await this.#people.close();
  }

  async #patiently(index: number, what: StepKind, done: Promise<void>): Promise<void> {
    const over = new AbortController();
    // Questions have their own limit, which a busy start of the step may use up.
    const patience = QUEUED.has(what) ? QUEUE_PATIENCE_MS : 2 * PATIENCE_MS;
    const from = Date.now();
    const ended = done.finally(() => over.abort());
    await pause(patience, over.signal);
    while (!over.signal.aborted && !this.#stage.stalls.isOver(patience, from))
      await pause(LATE_CHECK_MS, over.signal);
    if (over.signal.aborted) await ended;
    else if (this.#isNews(what) || (what === 'reconnect' && this.#stage.room.hasDelay))
      this.#stage.record.networkFaults.push(`${what} does not end`);
    else this.#problem(index, `${what} does not end`);
  }

  /** The application takes the newest picture. */
  async #takeLatest(step: number): Promise<void> {
    try {
      await this.#stage.application?.takeLatest(step);
    } catch (error) {
      this.#problem(step, `latestFrame(): ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Whether the next step always waits: no other step makes sense while this one is under way. */
  #isWhole(kind: StepKind): boolean {
    const isJoining = kind === 'join' || kind === 'rejoin';
    return ALONE.has(kind) || (isJoining && this.#stage.room.hasOwnRooms) || this.#isNews(kind);
  }

  #isNews(kind: StepKind): boolean {
    return this.#stage.room.hasDelay && NEWS.has(kind);
  }

  async #modeByUser(who: Person, mode: SamplingMode): Promise<void> {
    const { room, video } = this.#stage;
    const { localParticipant: agent } = room.agent;
    if (!video || !agent) return;
    const page = room.of(who) as ControllingRoom;
    const isServed = this.world.served === who;
    if (isServed) this.world.requestMode(mode);
    const refusal = await setVideoMode(page, agent, mode).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (isServed && refusal !== undefined) throw refusal;
    if (!isServed && refusal === undefined)
      throw new Error(`the agent obeyed ${who}, whom it does not serve`);
    if (!isServed) return;
    this.world.setMode(mode);
    await this.#people.showAnew();
  }

  #problem(step: number, what: string): void {
    this.#stage.record.problems.push({ step, what });
  }

  // `async`, so that whatever a step throws is a problem of this step.
  async #do<K extends StepKind>(step: StepOf<K>): Promise<void> {
    await (this.#plays[step.do as K] as (step: StepOf<K>) => Promise<void>)(step);
  }

  readonly #plays: { readonly [K in StepKind]: (step: StepOf<K>) => Promise<void> } = {
    start: async (step) => {
      await this.#stage.start(step);
      this.world.start();
    },
    join: (step) => this.#people.join(personOf(step)),
    leave: (step) => {
      if (personOf(step) === 'user') this.#stage.speech?.missed();
      return this.#people.leave(personOf(step));
    },
    rejoin: (step) => {
      if (personOf(step) === 'user') this.#stage.speech?.missed();
      return this.#people.rejoin(personOf(step));
    },
    share: (step) => this.#people.share(personOf(step), step.what),
    unshare: (step) => this.#people.unshare(personOf(step), step.what),
    mute: async (step) => this.#people.mute(personOf(step), step.what),
    unmute: (step) => this.#people.unmute(personOf(step), step.what),
    show: (step) => this.#people.show(personOf(step), step.what),
    turnPhone: (step) => this.#people.turnPhone(personOf(step)),
    still: ({ ms }) => pause(ms),
    type: ({ tools }) => this.#questions.type(this.#step, tools),
    speak: ({ tools }) => this.#questions.speak(this.#step, tools),
    press: (step) => this.#presses.press(this.#step, step),
    interrupt: async () => {
      this.#stage.record.cutOff('interrupt');
      this.#questions.interrupt();
    },
    mode: async ({ mode }) => {
      this.world.setMode(mode);
      this.#stage.video?.setMode(mode);
      await this.#people.showAnew();
    },
    modeByUser: (step) => this.#modeByUser(personOf(step), step.mode),
    pin: async ({ what }) => {
      this.world.pin(what);
      this.#stage.video?.pinSource(what);
    },
    setMask: async ({ to }) => {
      this.world.withdraw(() => this.#stage.video?.setProcessors([markMask(to)]));
      await this.#people.showAnew();
    },
    watch: async () => this.#stage.application?.watch(this.#step),
    publish: async () => this.#stage.application?.publish(this.#step),
    look: async ({ what }) => this.#stage.application?.look(this.#step, what),
    handOff: ({ to }) => this.#stage.handOff(to),
    setParticipant: async (step) => {
      this.world.link(personOf(step));
      linkParticipant(this.#stage.session, personOf(step));
      await this.#people.showAnew();
    },
    drop: async ({ code }) => {
      const service = this.#stage.model?.service;
      if (!service?.connections.at(-1)?.isOpen) return;
      this.#stage.record.cutOff('drop');
      const next = service.nextConnection(PATIENCE_MS).catch(() => undefined);
      service.closeConnection(code);
      await next;
    },
    refuse: async ({ how, ms }) => {
      const service = this.#stage.model?.service;
      if (!service) return;
      this.#stage.record.cutOff('refuse');
      service.refuseConnections(how === 'tcp' ? 'tcp' : { status: 503 });
      if (service.connections.at(-1)?.isOpen) service.closeConnection(1006);
      await pause(ms);
      const next = service.nextConnection(PATIENCE_MS).catch(() => undefined);
      await service.acceptConnections();
      await next;
    },
    reconnect: async ({ how }) => {
      if (how === 'resume') return this.#stage.room.reconnect('resume');
      await this.#people.reconnectFully();
    },
    say: ({ ms }) => this.#speech.say(this.#stage, this.#step, ms),
    bargeIn: async () => {
      await this.#speech.heard();
      this.#stage.record.cutOff('bargeIn');
      this.#questions.interrupt();
    },
    avatarDies: () => this.#speech.die(),
    avatarLeaves: () => this.#speech.leave(),
    avatarSwapped: ({ to }) => this.#speech.swap(this.#stage.video, to),
    close: async ({ what = 'video' }) => {
      this.#stage.record.cutOff('close');
      this.world.end();
      await this.#stage.end(what);
    },
  };

  get #speech(): StorySpeech {
    const { speech } = this.#stage;
    if (!speech) throw new Error('the agent of this story is not heard');
    return speech;
  }
}
