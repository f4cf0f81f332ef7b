import { LookError } from '../errors.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { SourceId } from '../source.ts';
import type { SessionActor } from './session-actor.ts';

export interface LookRequestsDeps {
  actor: SessionActor;
  timeoutMs: number;
  /** Of one of the session's sources. */
  latestFrame(sourceId: SourceId): Promise<SeenFrame | undefined>;
}

/** Looks of the application: promises around the answers of the sources. */
export class LookRequests {
  readonly #deps: LookRequestsDeps;
  #nextId = 1;

  constructor(deps: LookRequestsDeps) {
    this.#deps = deps;
  }

  /** The first frame of this source that arrives from now on. @throws LookError */
  look(sourceId: SourceId): Promise<SeenFrame> {
    const { actor, latestFrame } = this.#deps;
    const lookId = this.#nextId++;
    if (!actor.getSnapshot().hasTag('open'))
      return Promise.reject(new LookError('closed', 'look() needs a started VideoSession'));
    return new Promise((resolve, reject) => {
      const end = (reason?: LookError['reason']) => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        if (reason) return reject(this.#error(reason));
        latestFrame(sourceId).then(
          (frame) => (frame ? resolve(frame) : reject(this.#error('timeout'))),
          reject,
        );
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

  #error(reason: LookError['reason']): LookError {
    const message = {
      timeout: `no frame came within ${this.#deps.timeoutMs} ms: is a camera or screen shared?`,
      off: "video is off: call setMode('onDemand') first",
      closed: 'the VideoSession was closed',
    };
    return new LookError(reason, message[reason]);
  }
}
