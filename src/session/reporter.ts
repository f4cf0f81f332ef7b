import { EventEmitter } from 'node:events';
import { log } from '@livekit/agents';
import type { Unconfirmed } from '../avatar/playback.ts';
import { oneOf } from '../checks.ts';
import { OptionError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import type { AvatarReport } from '../machines/avatar.types.ts';
import type { SessionReport } from '../machines/session.types.ts';
import type { LifeReport } from '../models/model-life.ts';
import { notify } from '../notify.ts';
import { tellable, withoutSecrets } from '../secrets.ts';
import type { SourceId, TrackPick } from '../source.ts';
import { messageOf } from '../thrown.ts';
import type { MetricsCollector } from './metrics.ts';

/** The first frame of another source arrived. */
export interface SourceSwitched {
  type: 'source.switched';
  /** `null` if no source was watched before. */
  from: TrackPick | null;
  to: TrackPick;
  /** The cause: `published`, `muted`, `unpublished`, `pinned` and so on. */
  reason: string;
  /**
   * Time from the last frame of the old source, or from the decision, to the first of the new one.
   */
  gapMs: number;
}

/** An error that was caught. */
export interface VideoErrorEvent {
  type: 'error';
  /** The operation that failed, such as `turn` or `stream`. */
  cause: string;
  message: string;
}

/** Every event of `VideoSession.on`. */
export type VideoEvent = SessionReport | LifeReport | SourceSwitched | VideoErrorEvent;
export type VideoEventOf<T extends VideoEvent['type']> = Extract<VideoEvent, { type: T }>;

/** Complete: the compiler rejects a missing type. */
const EVENT_TYPES: Record<VideoEvent['type'], true> = {
  'agent.handedOff': true,
  'avatar.away': true,
  'avatar.dismissed': true,
  'avatar.failed': true,
  'avatar.givenUp': true,
  'avatar.lost': true,
  'avatar.shown': true,
  error: true,
  'look.answered': true,
  'look.failed': true,
  'model.blind': true,
  'model.dropped': true,
  'model.resumed': true,
  'model.sighted': true,
  'model.waiting': true,
  'motion.kept': true,
  'pick.changed': true,
  'sample.sent': true,
  'sample.skipped': true,
  'sampler.failed': true,
  'session.failed': true,
  'session.ready': true,
  'source.switched': true,
  'streamStatus.changed': true,
  'turn.cleared': true,
  'turn.discarded': true,
  'turn.ready': true,
  'turn.withdrawn': true,
  'video.pauseGivenUp': true,
};

/** Whether the avatar machine sent this report. */
export const isOfAvatar = (report: SessionReport): report is AvatarReport =>
  report.type.startsWith('avatar.');

/** Turns the machines' reports into events, counters and log lines. */
export class SessionReporter {
  readonly #metrics: MetricsCollector;
  readonly #events = new EventEmitter();
  /** By source. */
  readonly #lastFrames = new Map<SourceId, { pick: TrackPick; receivedAt: number }>();
  readonly #switchings = new Map<SourceId, { to: TrackPick; reason: string; since: number }>();

  constructor(metrics: MetricsCollector) {
    this.#metrics = metrics;
  }

  /** @throws OptionError for an unknown type, or a handler that is not a function. */
  on<T extends VideoEvent['type']>(type: T, handler: (event: VideoEventOf<T>) => void): () => void {
    oneOf('type', type, Object.keys(EVENT_TYPES));
    if (typeof handler !== 'function')
      throw new OptionError('handler', handler, 'pass a function that gets the event');
    // A new function for each call, so that one handler can be added and removed twice.
    const listener = (event: VideoEventOf<T>) => handler(event);
    this.#events.on(`video:${type}`, listener);
    return () => this.#events.off(`video:${type}`, listener);
  }

  /** Removes all handlers. */
  close(): void {
    this.#events.removeAllListeners();
  }

  /** Reports a caught error: an event, a counter, and a log line the first time. */
  error(cause: string, error: unknown): void {
    const message = withoutSecrets(messageOf(error));
    if (this.#metrics.error(cause)) log().warn({ cause, error: message }, `video: ${message}`);
    this.#emit({ type: 'error', cause, message });
  }

  /** A frame of this source arrived. */
  frame(sourceId: SourceId, frame: FrameRef): void {
    const pick = { sid: frame.trackSid, identity: frame.identity, source: frame.source };
    const switching = this.#switchings.get(sourceId);
    if (switching?.to.sid === frame.trackSid) {
      const from = this.#lastFrames.get(sourceId);
      this.#switchings.delete(sourceId);
      const gapMs = frame.receivedAt - (from?.receivedAt ?? switching.since);
      this.#metrics.switchGapMs.add(gapMs);
      this.#emit({
        type: 'source.switched',
        from: from?.pick ?? null,
        to: pick,
        reason: switching.reason,
        gapMs,
      });
    }
    this.#lastFrames.set(sourceId, { pick, receivedAt: frame.receivedAt });
  }

  /** A realtime model's connection was lost or restored. */
  modelLife(report: LifeReport): void {
    const { model } = this.#metrics;
    if (report.type === 'model.dropped') {
      model.dropped++;
      const { reason, isRetried } = report;
      const then = isRetried ? 'reconnecting' : 'not reconnecting';
      log().warn(
        { reason: withoutSecrets(reason) },
        `video: the model's connection ended: ${then}`,
      );
    } else {
      model.resumed++;
      this.#metrics.resumeMs.add(report.tookMs);
      log().info({ tookMs: report.tookMs }, "video: the model's connection is back");
    }
    this.#emit(report);
  }

  report(report: SessionReport): void {
    switch (report.type) {
      case 'pick.changed':
        this.#pickChanged(report);
        break;
      case 'streamStatus.changed':
        if (report.streamStatus === 'stalled') {
          this.#metrics.stalls++;
          log().warn(
            { source: report.pick?.source },
            'video: no frames arrive, the stream is stalled',
          );
        } else if (report.streamStatus === 'lost') {
          this.error('stream', report.error ?? 'the stream could not be opened');
        }
        break;
      case 'turn.ready':
        this.#metrics.turns[report.outcome]++;
        if (report.outcome === 'encode-failed') this.error('encode', report.error);
        if (report.outcome === 'over-budget')
          this.error('turn', 'the picture was not ready in time, so the turn continued without it');
        break;
      case 'turn.discarded':
        this.#metrics.turns.discarded++;
        break;
      case 'turn.withdrawn':
        this.#metrics.turns.withdrawn++;
        break;
      case 'look.answered':
        this.#metrics.looks.answered += report.lookIds.length;
        break;
      case 'look.failed':
        this.#metrics.looks.failed += report.lookIds.length;
        break;
      case 'model.blind':
        this.error('model', report.reason);
        break;
      case 'video.pauseGivenUp':
        this.error(
          'pause',
          `no frame arrived within ${report.waitedMs} ms after a pause: this stream is not paused again`,
        );
        break;
      case 'sampler.failed':
        this.error('sampler', report.error);
        break;
    }
    if (isOfAvatar(report)) this.#avatarChanged(report);
    this.#emit(report);
  }

  /** A missing or early playback report. The speech continued for the length of its audio. */
  unconfirmed(what: Unconfirmed): void {
    this.#metrics.avatar.unconfirmed++;
    const message = {
      finish: 'the avatar did not report the end of a segment',
      'early-finish': 'the avatar reported the end of a segment too early',
      clear: 'the avatar did not confirm an interruption',
    }[what];
    this.error('avatar', message);
  }

  #avatarChanged(report: AvatarReport): void {
    const { avatar } = this.#metrics;
    switch (report.type) {
      case 'avatar.shown':
        avatar.shown++;
        log().info('video: the avatar speaks');
        break;
      case 'avatar.lost':
        avatar.lost++;
        this.error('avatar', `the avatar was lost, and the agent speaks itself: ${report.reason}`);
        break;
      case 'avatar.failed':
        avatar.failed++;
        this.error(
          'avatar',
          `attempt ${report.attempt} to start the avatar failed: ${report.reason}`,
        );
        break;
      case 'avatar.givenUp':
        this.error('avatar', `no avatar after ${report.attempts} attempts: ${report.reason}`);
        break;
      case 'avatar.away':
        log().info('video: the user left, the avatar is stopped');
        break;
      case 'avatar.dismissed':
        log().info('video: the avatar was dismissed, and the agent speaks itself');
        break;
    }
  }

  #pickChanged({ pick, reason, sourceId }: SessionReport & { type: 'pick.changed' }): void {
    if (pick) {
      log().info({ source: pick.source, reason }, `video: watching the ${pick.source}`);
      this.#switchings.set(sourceId, { to: pick, reason, since: Date.now() });
    } else {
      log().info({ reason }, 'video: no track to watch');
      this.#switchings.delete(sourceId);
      this.#lastFrames.delete(sourceId);
    }
  }

  #emit(news: VideoEvent): void {
    const event = tellable(news);
    for (const handler of this.#events.listeners(`video:${event.type}`))
      notify(handler as (event: VideoEvent) => unknown, event, (error) => {
        if (event.type !== 'error') this.error('handler', error);
      });
  }
}
