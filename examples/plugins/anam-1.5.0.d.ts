// Recorded, unchanged but for its format, with dist/types.d.ts in place of the import of it:
// dist/avatar.d.ts of @livekit/agents-plugin-anam 1.5.0 (npm,
// Apache-2.0), made for @livekit/agents 1.5.0. See ../published-types.test.ts.
import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';

/** @public */
export type PersonaConfig = {
  /** Optional display name (prod flow) */
  name?: string;
  /** Optional avatar asset id (prod flow) */
  avatarId?: string;
  /** Optional avatar model version, e.g. "cara-3" or "cara-4-latest" (prod flow) */
  avatarModel?: string;
  /** Optional persona id (dev flow) */
  personaId?: string;
};
/** @public */
export type SessionOptions = {
  /** Output video frame width in pixels. Provide together with videoHeight. */
  videoWidth?: number;
  /** Output video frame height in pixels. Provide together with videoWidth. */
  videoHeight?: number;
};
/** @public */
export type APIConnectOptions = {
  maxRetry?: number;
  retryInterval?: number;
  timeout?: number;
};
/** @public */
export declare class AnamException extends Error {}

/** @public */
export declare function mintAvatarJoinToken({
  roomName,
  avatarIdentity,
  publishOnBehalf,
  apiKey,
  apiSecret,
  ttl,
}: {
  roomName: string;
  avatarIdentity: string;
  publishOnBehalf: string;
  apiKey?: string;
  apiSecret?: string;
  ttl?: string | number;
}): Promise<string>;
/** @public */
export declare class AvatarSession extends voice.AvatarSession {
  private opts;
  private sessionId?;
  constructor(opts: {
    personaConfig: PersonaConfig;
    sessionOptions?: SessionOptions;
    apiUrl?: string;
    apiKey?: string;
    avatarParticipantIdentity?: string;
    avatarParticipantName?: string;
    connOptions?: APIConnectOptions;
  });
  get avatarIdentity(): string;
  get provider(): string;
  start(
    agentSession: voice.AgentSession,
    room: Room,
    params?: {
      livekitUrl?: string;
      livekitApiKey?: string;
      livekitApiSecret?: string;
    },
  ): Promise<void>;
}
