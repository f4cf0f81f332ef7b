import { SightlineError } from '../errors.ts';

/**
 * A step of a watch, or a look of a tool, failed: the model's `answer` does not match the schema,
 * the request to the `model` failed, there is no such `source`, or the session is `closed`.
 */
export class WatchError extends SightlineError {
  readonly reason: 'answer' | 'closed' | 'model' | 'source';

  constructor(reason: WatchError['reason'], message: string, options?: ErrorOptions) {
    super(`watch-${reason}`, message, options);
    this.reason = reason;
  }
}
