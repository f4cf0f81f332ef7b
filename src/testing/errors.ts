import { SightlineError } from '../errors.ts';

/** The kinds of {@link TestingError}. */
export type TestingFault =
  /** A picture or a level that a camera cannot show. */
  | 'picture'
  /** ffmpeg is missing. */
  | 'ffmpeg'
  /** ffmpeg cannot play the file. */
  | 'video'
  /** A participant who is not in the room, or already is. */
  | 'participant'
  /** A model that got no request, or whose requests cannot be recorded. */
  | 'request'
  /** A fake service without an open connection, or in a state that does not fit the call. */
  | 'service'
  /** An awaited event did not happen within the limit. */
  | 'timeout'
  /** A LiveKit server that is missing or does not start. */
  | 'server'
  /** A judge whose answer is not a verdict. */
  | 'judge'
  /** A story with a step that is not possible. */
  | 'story';

/** An error of `sightline/testing`. Its `code` is `testing-` and the fault. */
export class TestingError extends SightlineError {
  readonly fault: TestingFault;
  /** How to fix it. */
  readonly remedy: string;

  constructor(fault: TestingFault, message: string, remedy: string, options?: ErrorOptions) {
    super(`testing-${fault}`, `${message}: ${remedy}`, options);
    this.fault = fault;
    this.remedy = remedy;
  }
}
