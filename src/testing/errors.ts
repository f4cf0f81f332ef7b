import { SightlineError } from '../errors.ts';

/** What a part of the testing kit could not do. */
export type TestingFault =
  /** A camera was given a picture, a level or a time that it cannot show. */
  | 'picture'
  /** ffmpeg is not there. */
  | 'ffmpeg'
  /** ffmpeg cannot play the file. */
  | 'video'
  /** A participant who is not in the room, or who is there already. */
  | 'participant'
  /** A model that was not asked, or that cannot be recorded. */
  | 'request'
  /** A fake service without a connection, or without what the call needs. */
  | 'service'
  /** Nothing came in the time that a test waits. */
  | 'timeout'
  /** A LiveKit server that is not there, or does not start. */
  | 'server'
  /** A judge whose answer is not a verdict. */
  | 'judge'
  /** A story that cannot be played as it is written. */
  | 'story';

/** An error of `sightline/testing`: `code` is `testing-` and the fault. */
export class TestingError extends SightlineError {
  readonly fault: TestingFault;
  /** What to do about it. */
  readonly remedy: string;

  constructor(fault: TestingFault, message: string, remedy: string, options?: ErrorOptions) {
    super(`testing-${fault}`, `${message}: ${remedy}`, options);
    this.fault = fault;
    this.remedy = remedy;
  }
}
