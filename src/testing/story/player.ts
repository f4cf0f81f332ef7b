import { LookError } from '../../errors.ts';
import { endSpokenTurn } from '../../internals/spoken-turn.ts';
import type { LoopbackPublication } from '../loopback-room.ts';
import { type Question, questionText } from './record.ts';
import { personOf } from './situation.ts';
import { pause, type StoryStage } from './stage.ts';
import type { Person, Shared, StepKind, StepOf, Story } from './steps.ts';
import { StoryCamera } from './story-camera.ts';
import { type Share, type Showing, World } from './world.ts';

/** How long the user waits for an answer, and a step for its end, in ms. */
const PATIENCE_MS = 4000;

/** Steps after which the conversation goes on elsewhere. */
const MOVES: ReadonlySet<StepKind> = new Set(['start', 'handOff', 'drop', 'refuse', 'close']);

/** A camera or a screen with its publication. */
interface Device {
  readonly camera: StoryCamera;
  publication: LoopbackPublication | undefined;
}

/** Does what the steps of a story say, and keeps what it showed when. */
export class Player {
  readonly world = new World();
  readonly #stage: StoryStage;
  readonly #devices = new Map<string, Device>();
  readonly #pending = new Set<Promise<void>>();
  #step = 0;

  constructor(stage: StoryStage) {
    this.#stage = stage;
  }

  /** Plays all steps, and waits for those that were not waited for. */
  async play(story: Story): Promise<void> {
    for (const [index, step] of story.entries()) {
      this.#step = index;
      const isMove = MOVES.has(step.do);
      const move: { from: number; to?: number } = { from: Date.now() };
      if (isMove) this.#stage.record.moves.push(move);
      const done = this.#do(step)
        .catch((error: unknown) =>
          this.#problem(index, `${step.do}: ${error instanceof Error ? error.message : error}`),
        )
        .finally(() => {
          move.to = Date.now();
        });
      // What is done to a room while it comes back is no story of a user's.
      if (step.wait !== false || step.do === 'reconnect')
        await this.#patiently(index, step.do, done);
      else this.#pending.add(this.#patiently(index, step.do, done));
    }
    await Promise.all(this.#pending);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#devices.values()].map(({ camera }) => camera.close()));
  }

  async #patiently(index: number, what: StepKind, done: Promise<void>): Promise<void> {
    const over = new AbortController();
    // Questions have a patience of their own, which a busy start of the step may use up.
    const late = pause(2 * PATIENCE_MS, over.signal).then(() => {
      if (!over.signal.aborted) this.#problem(index, `${what} does not end`);
    });
    await Promise.race([done, late]);
    over.abort();
  }

  #problem(step: number, what: string): void {
    this.#stage.record.problems.push({ step, what });
  }

  #do<K extends StepKind>(step: StepOf<K>): Promise<void> {
    return (this.#plays[step.do as K] as (step: StepOf<K>) => Promise<void>)(step);
  }

  readonly #plays: { readonly [K in StepKind]: (step: StepOf<K>) => Promise<void> } = {
    start: ({ agent }) => this.#stage.start(agent),
    join: async (step) => {
      this.#join(personOf(step));
    },
    leave: async (step) => {
      this.#leave(personOf(step));
      for (const key of [...this.#devices.keys()])
        if (key.startsWith(`${personOf(step)} `)) await this.#end(key);
    },
    rejoin: async (step) => {
      const who = personOf(step);
      const shared = this.world.sharesOf(who).map(({ what, isMuted }) => ({ what, isMuted }));
      this.#leave(who);
      this.#join(who);
      await Promise.all(shared.map(({ what }) => this.#share(who, what)));
    },
    share: (step) => this.#share(personOf(step), step.what),
    unshare: async (step) => {
      const { share, device, key } = this.#found(personOf(step), step.what);
      this.world.unshare(share);
      if (device.publication) this.#stage.room.unpublish(device.publication);
      await this.#end(key);
    },
    mute: async (step) => {
      const { share, device } = this.#found(personOf(step), step.what);
      device.camera.mute();
      this.world.mute(share);
    },
    unmute: async (step) => {
      const { share, device } = this.#found(personOf(step), step.what);
      // What it showed before the mute is another picture than what it shows now.
      const showing = this.#show(share, device);
      this.world.unmute(share);
      device.camera.camera.unmute();
      await this.#seen(showing);
    },
    show: async (step) => {
      const { share, device } = this.#found(personOf(step), step.what);
      await this.#seen(this.#show(share, device));
    },
    turnPhone: async (step) => {
      const { share, device } = this.#found(personOf(step), 'camera');
      const { camera } = device.camera;
      camera.rotation = camera.rotation === 0 ? 90 : 0;
      await this.#seen(this.#show(share, device, camera.rotation === 0));
    },
    still: ({ ms }) => pause(ms),
    type: (step) => this.#type(step),
    speak: (step) => this.#speak(step),
    interrupt: async () => {
      this.#stage.record.cutOff('interrupt');
      this.#interrupt();
    },
    mode: async ({ mode }) => {
      this.world.setMode(mode);
      this.#stage.video?.setMode(mode);
      await this.#showAnew();
    },
    pin: async ({ what }) => {
      this.world.pin(what);
      this.#stage.video?.pinSource(what);
    },
    look: async ({ what }) => {
      await this.#stage.video?.look(what).catch((error: unknown) => {
        // Off, or nothing is shared: the session says so, and is right.
        if (!(error instanceof LookError)) throw error;
      });
    },
    handOff: ({ to }) => this.#stage.handOff(to),
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
      await this.#reconnectFully();
    },
    close: async ({ what = 'video' }) => {
      this.#stage.record.cutOff('close');
      this.world.end();
      await this.#stage.end(what);
    },
  };

  async #type({ tools = [] }: StepOf<'type'>): Promise<void> {
    const { session, record } = this.#stage;
    // As the framework's own text input does it.
    record.cutOff('another question');
    this.#interrupt();
    const question = this.#ask(tools, false);
    const userInput = questionText(question.number);
    while (!question.isTaken && !this.#isLate(question)) {
      try {
        const speech = session.generateReply({ userInput });
        question.isTaken = true;
        await Promise.race([speech.waitForPlayout(), this.#patience(question)]);
      } catch {
        // The framework refuses questions until the agent has started.
        await pause(10);
      }
    }
    await this.#answered(question);
  }

  async #speak({ tools = [] }: StepOf<'speak'>): Promise<void> {
    const { session, record, model, agent } = this.#stage;
    if (agent === 'voiceOnly') return this.#type({ do: 'type', tools });
    record.cutOff('another question');
    const question = this.#ask(tools, true);
    const text = questionText(question.number);
    if (!model?.service) await endSpokenTurn(session, text);
    else {
      const connection = model.service.connections.at(-1);
      // A service that is answering may not take what is said.
      const heard = model.service.hear(text).catch(() => record.cutOff('another answer'));
      if (connection?.isOpen) await Promise.race([heard, connection.closed]);
    }
    await this.#answered(question);
  }

  #ask(tools: Question['tools'], isSpoken: boolean): Question {
    const { record, agent } = this.#stage;
    const question: Question = {
      number: record.questions.length + 1,
      step: this.#step,
      at: Date.now(),
      agent,
      isSpoken,
      tools,
      isTaken: false,
      answers: [],
    };
    record.questions.push(question);
    return question;
  }

  /** Done with the answer, or when there will be none. */
  async #answered(question: Question): Promise<void> {
    while (question.answers.length === 0 && !question.cutOff && !this.#isLate(question))
      await pause(5);
    if (question.answers.length > 0 || question.cutOff) return;
    question.gaveUpAt = Date.now();
    // What hangs would hold up the next questions as well, and the end.
    this.#interrupt(true);
  }

  #isLate = ({ at, cutOff }: Question): boolean =>
    this.#stage.isClosing || (cutOff === undefined && Date.now() - at > PATIENCE_MS);

  async #patience(question: Question): Promise<void> {
    while (!this.#isLate(question)) await pause(20);
  }

  #interrupt(force = false): void {
    try {
      this.#stage.session.interrupt({ force });
    } catch {
      // There is no agent yet, or no more.
    }
  }

  #join(who: Person): void {
    this.world.join(who);
    this.#stage.room.join(who);
  }

  /** Their tracks go with them; others may be served from now on. */
  #leave(who: Person): void {
    const before = this.world.served;
    this.world.leave(who);
    this.#stage.room.leave(who);
    for (const [key, device] of this.#devices)
      if (key.startsWith(`${who} `)) device.publication = undefined;
    if (this.world.served !== before) void this.#showAnew();
  }

  async #share(who: Person, what: Shared): Promise<void> {
    const key = `${who} ${what}`;
    const share = this.world.share(who, what, this.#isUpright(key));
    const device = this.#devices.get(key) ?? this.#device(share, key);
    if (device.camera.camera.muted) device.camera.camera.unmute();
    if (share.current) device.camera.show(share.current.level);
    device.publication = this.#stage.room.publish(
      who,
      device.camera.camera.track,
      device.camera.camera.source,
    );
    if (share.current) await this.#seen(share.current);
  }

  /** A camera that comes back is held as it was. */
  #isUpright(key: string): boolean {
    return (this.#devices.get(key)?.camera.camera.rotation ?? 0) === 0;
  }

  #device({ what, who, current }: Share, key: string): Device {
    const camera = new StoryCamera(what, current?.level ?? 0, (level, at) => {
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

  /** Each camera shows another picture: one that was not to be seen is told from one that is. */
  async #showAnew(): Promise<void> {
    const showings = this.world.shares.map((share) => {
      const device = this.#devices.get(`${share.who} ${share.what}`);
      return device && this.#show(share, device);
    });
    await Promise.all(showings.map((showing) => showing && this.#seen(showing)));
  }

  async #reconnectFully(): Promise<void> {
    const { room } = this.#stage;
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

  /** Done when a reader of the track has the picture. */
  async #seen(showing: Showing): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    const isDue = () =>
      !showing.seenAt && !showing.next && !showing.share.isMuted && !showing.taken;
    while (isDue() && Date.now() < deadline) await pause(5);
  }
}
