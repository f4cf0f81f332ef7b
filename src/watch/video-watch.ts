import { EventEmitter } from 'node:events';
import type { voice } from '@livekit/agents';
import { type ActorRefFrom, createActor, fromPromise, type Subscription } from 'xstate';
import { object } from '../checks.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { guardListeners } from '../guarded-listeners.ts';
import { logger } from '../logger.ts';
import { watchMachine } from '../machines/watch.machine.ts';
import type { WatchFailure, WatchReport } from '../machines/watch.types.ts';
import { notify } from '../notify.ts';
import type { Visibility } from '../scene/visibility.ts';
import { tellable, withoutSecrets } from '../secrets.ts';
import { textOf } from '../thrown.ts';
import { perform } from './acts.ts';
import { floorEvents } from './floor.ts';
import { HeldClock } from './held-clock.ts';
import { asker } from './question.ts';
import { nextTimeOf } from './schedule.ts';
import { triggers } from './triggers.ts';
import { WatchError } from './watch-error.ts';
import { type VideoWatchOptions, type WatchDetector, watchInput } from './watch-options.ts';
import type { WatchedVideo } from './watched-video.ts';
import { checkVideo } from './watched-video.ts';

/** The events of `VideoWatch.on`. */
export type WatchNews<Answer> =
  | WatchReport
  /** The watch found a reason to act, and acted. */
  | { type: 'acted'; lookId: number; answer: Answer; frame: SeenFrame }
  /** The camera is covered, frozen, blurred, or clear again; only with `onSceneChange`. */
  | { type: 'scene.changed'; visibility: Visibility };
export type WatchNewsOf<Answer, T extends WatchNews<Answer>['type']> = Extract<
  WatchNews<Answer>,
  { type: T }
>;

/** Number of events of each type. */
export interface WatchMetrics {
  looks: number;
  decisions: number;
  acts: number;
  dropped: number;
  failures: Record<WatchFailure, number>;
}

interface Look<Answer> {
  id: number;
  frame: SeenFrame;
  answer?: Answer;
}

/**
 * Watches a video without a conversation: looks at an interval, on a schedule or after a change,
 * decides, and acts.
 *
 * @example
 * ```ts
 * const watch = new VideoWatch(video, {
 *   onSceneChange: true,
 *   decide: { llm, question: 'Is a person at the door?', answer: z.boolean() },
 *   act: { say: 'Good morning!' },
 * });
 * watch.start();
 * ```
 */
export class VideoWatch<Answer> {
  /** The watch's actor, for inspection. Its snapshot is plain JSON. */
  readonly actor: ActorRefFrom<typeof watchMachine>;
  readonly #video: WatchedVideo;
  readonly #options: VideoWatchOptions<Answer>;
  readonly #session: voice.AgentSession | undefined;
  readonly #decide: WatchDetector<Answer>;
  readonly #events = new EventEmitter();
  readonly #logged = new Set<string>();
  readonly #clock = new HeldClock();
  readonly #metrics: WatchMetrics = {
    looks: 0,
    decisions: 0,
    acts: 0,
    dropped: 0,
    failures: { schedule: 0, look: 0, decide: 0, act: 0 },
  };
  #look: Look<Answer> | undefined;
  #waiting: Subscription | undefined;
  #ending: Subscription | undefined;

  /**
   * @param video - A VideoSession, or any object that provides frames.
   * @throws OptionError
   */
  constructor(video: WatchedVideo, options: VideoWatchOptions<Answer>) {
    checkVideo(video);
    object('options', options);
    const session = options.session ?? video.agentSession;
    const input = watchInput(options, session);
    const schedule = nextTimeOf(options.schedule, options.timeZone);
    this.#video = video;
    this.#options = options;
    this.#session = session;
    this.#decide = typeof options.decide === 'function' ? options.decide : asker(options.decide);
    const { onSceneChange } = options;
    const { inspect } = video;
    video.expectWatch?.();
    this.actor = createActor(
      watchMachine.provide({
        actors: {
          triggers: triggers({
            video,
            onSceneChange: onSceneChange
              ? onSceneChange === true
                ? {}
                : onSceneChange
              : undefined,
            schedule,
            onScheduleFailed: (error) =>
              this.#report({
                type: 'watch.failed',
                lookId: this.actor.getSnapshot().context.lookId,
                step: 'schedule',
                error,
              }),
            onVisibility: (visibility) => this.#tell({ type: 'scene.changed', visibility }),
          }),
          floorEvents: floorEvents(session),
          look: fromPromise<void, { lookId: number }>(async ({ input: { lookId }, signal }) => {
            const frame = await video.look();
            if (!signal.aborted) this.#look = { id: lookId, frame };
          }),
          decide: fromPromise(({ signal }) => this.#decideNow(signal)),
          act: fromPromise<void, { lookId: number }>(({ signal }) => this.#actNow(signal)),
        },
      }),
      { id: 'watch', input, clock: this.#clock, ...(inspect ? { inspect } : {}) },
    );
    guardListeners(this.actor, (error) => this.#warn('handler', textOf(error)));
    this.actor.on('*', (report) => this.#report(report));
    this.actor.start();
  }

  /**
   * Starts to watch as soon as the VideoSession is open. Idempotent.
   * @throws WatchError if the VideoSession is closed.
   */
  start(): void {
    const { actor } = this.#video;
    if (!actor) {
      this.#begin();
      return;
    }
    if (actor.getSnapshot().status !== 'active')
      throw new WatchError('closed', 'the VideoSession is closed: create a new one');
    this.#ending ??= actor.subscribe({ complete: () => this.#end() });
    if (this.#waiting) return;
    const begin = () => {
      if (!actor.getSnapshot().hasTag('ready')) return false;
      this.#waiting?.unsubscribe();
      this.#waiting = undefined;
      this.#begin();
      return true;
    };
    if (!begin()) this.#waiting = actor.subscribe(begin);
  }

  /**
   * Stops the current look or act, and interrupts a line that is being spoken. Idempotent. `start`
   * may be called again.
   */
  stop(): void {
    this.#waiting?.unsubscribe();
    this.#waiting = undefined;
    this.#look = undefined;
    if (this.actor.getSnapshot().status !== 'active') return;
    this.actor.send({ type: 'watch.stop' });
    this.#clock.release();
  }

  /** The VideoSession is closed: the watch cannot start again, and needs no budget any more. */
  #end(): void {
    this.stop();
    this.actor.stop();
  }

  #begin(): void {
    this.#clock.hold();
    this.actor.send({ type: 'watch.start' });
  }

  /** A snapshot of the watch's figures. */
  metrics(): WatchMetrics {
    return { ...this.#metrics, failures: { ...this.#metrics.failures } };
  }

  /** Calls the handler for each event of this type. Returns a function that removes the handler. */
  on<T extends WatchNews<Answer>['type']>(
    type: T,
    handler: (event: WatchNewsOf<Answer, T>) => void,
  ): () => void {
    // A new function for each call, so that one handler can be added and removed twice.
    const listener = (event: WatchNewsOf<Answer, T>) => handler(event);
    this.#events.on(`watch:${type}`, listener);
    return () => this.#events.off(`watch:${type}`, listener);
  }

  async #decideNow(signal: AbortSignal): Promise<{ act: boolean }> {
    const look = this.#look;
    if (!look) throw new WatchError('closed', 'the frame is no longer available');
    const answer = await this.#decide(look.frame, { signal });
    look.answer = answer;
    const { decide } = this.#options;
    const when = typeof decide === 'function' ? undefined : decide.when;
    return { act: when ? when(answer) : isReason(answer) };
  }

  async #actNow(signal: AbortSignal): Promise<void> {
    const look = this.#look;
    if (!look) throw new WatchError('closed', 'the frame is no longer available');
    const { frame, id: lookId } = look;
    // The decision was made, so there is an answer.
    const answer = look.answer as Answer;
    const { act } = this.#options;
    await perform(act, { answer, frame, session: this.#session, signal });
    if (!signal.aborted) this.#tell({ type: 'acted', lookId, answer, frame });
  }

  #report(report: WatchReport): void {
    const metrics = this.#metrics;
    if (report.type === 'look.begun') metrics.looks++;
    else if (report.type === 'look.decided') metrics.decisions++;
    else if (report.type === 'act.done') metrics.acts++;
    else if (report.type === 'act.dropped') metrics.dropped++;
    else if (report.type === 'watch.failed') {
      metrics.failures[report.step]++;
      this.#warn(report.step, report.error);
    }
    this.#tell(report);
  }

  #tell(news: WatchNews<Answer>): void {
    const event = tellable(news);
    for (const handler of this.#events.listeners(`watch:${event.type}`))
      notify(handler as (event: WatchNews<Answer>) => unknown, event, (error) =>
        this.#warn('handler', textOf(error)),
      );
  }

  /** Logs each cause once. */
  #warn(cause: string, problem: string): void {
    if (this.#logged.has(cause)) return;
    this.#logged.add(cause);
    const error = withoutSecrets(problem);
    logger().warn({ cause, error }, `watch: ${cause} failed: ${error}`);
  }
}

function isReason(answer: unknown): boolean {
  if (typeof answer === 'object' && answer !== null && 'act' in answer) return Boolean(answer.act);
  return Boolean(answer);
}
