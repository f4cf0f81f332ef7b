import { SightlineError } from '../errors.ts';

/**
 * A step of a watch, or a look of a tool, that failed: the model's `answer` is not what was asked
 * for, the `model` could not be asked, there is no such `source`, or the session is `closed`.
 */
export class WatchError extends SightlineError {
  readonly reason: 'answer' | 'closed' | 'model' | 'source';

  constructor(reason: WatchError['reason'], message: string, options?: ErrorOptions) {
    super(`watch-${reason}`, message, options);
    this.reason = reason;
  }
}
