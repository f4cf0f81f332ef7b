import { SightlineError } from '../errors.ts';

/** A step of a watch, or a look of a tool, that failed. */
export class WatchError extends SightlineError {
  readonly reason: 'answer' | 'closed' | 'source';

  constructor(reason: WatchError['reason'], message: string, options?: ErrorOptions) {
    super(`watch-${reason}`, message, options);
    this.reason = reason;
  }
}
