import { withoutSecrets } from '../secrets.ts';
import { messageOf } from '../thrown.ts';

/** The schema of a share of a picture's side. */
export const share = (description?: string) =>
  ({ type: 'number', minimum: 0, maximum: 1, ...(description && { description }) }) as const;

/** The arguments without `null`, which some models pass for what they leave out. */
export const withoutNulls = <T extends object>(given: T): Given<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Given<T>;

type Given<T> = { [K in keyof T]: Exclude<T[K], null> };

/** Why a tool failed. The model gets this text and may say it aloud. */
export const reasonFor = (error: unknown): string => withoutSecrets(messageOf(error));
