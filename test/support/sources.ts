import type { SessionContext, SourceState } from '../../src/machines/session.types.ts';

/** What a session's source shows, by its place in `input.sources`. */
export const sourceAt = ({ sources }: SessionContext, place = 0): SourceState | undefined =>
  Object.values(sources)[place];
