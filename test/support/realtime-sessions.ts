import { RealtimeSessions, type RealtimeSessionsDeps } from '../../src/models/realtime-sessions.ts';

/** Sessions that show no pictures, and report nothing. */
export const sessionsWith = (deps: Partial<RealtimeSessionsDeps> = {}): RealtimeSessions =>
  new RealtimeSessions({
    options: {},
    reconnect: { attempts: 1, retryBaseMs: 1 },
    beforeText: async () => [],
    beforeReply: async () => {},
    onUnsupported: () => true,
    onRefused: () => {},
    onLife: () => {},
    onError: () => {},
    ...deps,
  });
