import { LookError } from '../errors.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { SessionActor } from './session-actor.ts';

export interface LooksDeps {
  actor: SessionActor;
  timeoutMs: number;
  /** Of one of the session's views. */
  latestFrame(view: number): SeenFrame | undefined;
}

/** Looks of the application: promises around the sampling machine's answers. */
export class Looks {
  readonly #deps: LooksDeps;
  #nextId = 1;

  constructor(deps: LooksDeps) {
    this.#deps = deps;
  }

  /** The first frame of this view that arrives from now on. @throws LookError */
  look(view: number): Promise<SeenFrame> {
    const { actor, latestFrame } = this.#deps;
    const lookId = this.#nextId++;
    if (!actor.getSnapshot().matches('open'))
      return Promise.reject(new LookError('closed', 'look() needs a started VideoSession'));
    return new Promise((resolve, reject) => {
      const end = (reason?: LookError['reason']) => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        const frame = reason ? undefined : latestFrame(view);
        if (frame) resolve(frame);
        else reject(this.#error(reason ?? 'timeout'));
      };
      const subscriptions = [
        actor.on('look.answered', ({ lookIds }) => {
          if (lookIds.includes(lookId)) end();
        }),
        actor.on('look.failed', ({ lookIds, reason }) => {
          if (lookIds.includes(lookId)) end(reason);
        }),
        actor.subscribe((snapshot) => {
          if (!snapshot.matches('open')) end('closed');
        }),
      ];
      actor.send({ type: 'look.requested', view, lookId });
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
