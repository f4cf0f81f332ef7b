// Recorded, unchanged but for its format: dist/avatar.d.ts of @livekit/agents-plugin-hedra 1.7.1 (npm,
// Apache-2.0), made for @livekit/agents 1.7.1. See ../published-types.test.ts.
/**
 * Exception thrown when there are errors with the Hedra API.
 */
export declare class HedraException extends Error {
  constructor(message: string);
}
/**
 * A Hedra avatar session.
 *
 * @deprecated The Hedra realtime avatar service has been disabled.
 */
export declare class AvatarSession {
  constructor(..._args: unknown[]);
}
