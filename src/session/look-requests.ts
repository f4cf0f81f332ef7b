import { LookError } from '../errors.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { LookKind, SourceId } from '../source.ts';
import { OpenedSources } from './opened-sources.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sources } from './sources.ts';

export interface LookRequestsDeps {
  actor: SessionActor;
  sources: Pick<Sources, 'current' | 'showing'>;
  timeoutMs: number;
  /** Takes the id of one of the session's sources. */
  latestFrame(sourceId: SourceId): Promise<SeenFrame | undefined>;
  /** Whether the source has a frame, even if a processor withholds it. */
  hasFrame(sourceId: SourceId): boolean;
}

/** No request to the server makes the publisher of a still screen send its last frame again. */
const STILL = 'the screen sends its next frame when it changes';
const FOLLOW = "input.sources: ['camera', 'screen'] keeps the newest frame of both";

/** Looks of the application: each is a promise that a source's answer settles. */
export class LookRequests {
  readonly #deps: LookRequestsDeps;
  readonly #opened: OpenedSources;
  #nextId = 1;

  constructor(deps: LookRequestsDeps) {
    this.#deps = deps;
    this.#opened = new OpenedSources(deps.actor);
  }

  /**
   * The first frame that arrives after the call. A source that is not followed is opened for this
   * look, so looks at several sources disturb neither each other nor the watched source.
   * @throws LookError
   */
  async look(kind: LookKind | undefined): Promise<SeenFrame> {
    const { actor, sources } = this.#deps;
    if (!actor.getSnapshot().hasTag('open'))
      throw new LookError('closed', 'look() needs a started VideoSession');
    if (kind === undefined) return this.#ask(sources.current);
    const followed = sources.showing(kind);
    if (followed !== undefined) {
      const frame = await this.#ask(followed);
      // The source may have changed to another track before the frame arrived. A track of unknown
      // source counts as a camera.
      if (frame.source === kind || (frame.source === 'unknown' && kind === 'camera')) return frame;
    }
    return this.#opened.use(kind, (sourceId) => this.#ask(sourceId, kind));
  }

  #ask(sourceId: SourceId, kind?: LookKind): Promise<SeenFrame> {
    const { actor, latestFrame, hasFrame } = this.#deps;
    const lookId = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (reason?: LookError['reason']) => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        if (reason) return reject(this.#error(reason, sourceId, kind));
        latestFrame(sourceId).then((frame) => {
          if (frame) return resolve(frame);
          const isOff = actor.getSnapshot().context.mode === 'off';
          const missing = isOff ? 'off' : hasFrame(sourceId) ? 'withheld' : 'timeout';
          reject(this.#error(missing, sourceId, kind));
        }, reject);
      };
      const subscriptions = [
        actor.on('look.answered', ({ lookIds }) => {
          if (lookIds.includes(lookId)) end();
        }),
        actor.on('look.failed', ({ lookIds, reason }) => {
          if (lookIds.includes(lookId)) end(reason);
        }),
        actor.subscribe((snapshot) => {
          if (!snapshot.hasTag('open')) end('closed');
        }),
      ];
      actor.send({ type: 'look.requested', sourceId, lookId });
    });
  }

  #error(reason: LookError['reason'], sourceId: SourceId, kind: LookKind | undefined): LookError {
    const pick = this.#deps.actor.getSnapshot().context.sources[sourceId]?.pick;
    if (reason === 'timeout' && kind && !pick) return new LookError(reason, `no ${kind} is shared`);
    const still = kind ? `${STILL}; ${FOLLOW}` : STILL;
    const why = pick?.source === 'screen' ? still : 'is a camera or screen shared?';
    const message = {
      timeout: `no frame came within ${this.#deps.timeoutMs} ms: ${why}`,
      off: "video is off: call setMode('onDemand') first",
      closed: 'the VideoSession was closed',
      withheld: 'one of input.processors withheld the frame',
    };
    return new LookError(reason, message[reason]);
  }
}
