import { textOf } from '../thrown.ts';
import { TestingError } from './errors.ts';
import { within } from './waits.ts';

/** Limit of an operation of rtc-node, in ms. Long, because test machines are busy. */
export const NETWORK_LIMIT_MS = 20_000;

/** A failure of rtc-node or of the server, which says nothing about Sightline. */
export const networkFault = (what: string, cause?: unknown): TestingError =>
  new TestingError('server', what, 'play the story again', { cause });

export const isNetworkFault = (error: unknown): error is TestingError =>
  error instanceof TestingError && (error.fault === 'server' || error.fault === 'timeout');

/** Waits for rtc-node, up to a limit. @throws TestingError that is a network fault. */
export async function network<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await within(what, work, NETWORK_LIMIT_MS);
  } catch (error) {
    if (isNetworkFault(error)) throw error;
    throw networkFault(`${what}: ${textOf(error)}`, error);
  }
}
