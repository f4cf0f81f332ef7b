// biome-ignore-all lint/correctness/noUnusedPrivateClassMembers: it is as it was published
// Recorded, unchanged but for its format: dist/avatar.d.ts of @livekit/agents-plugin-hedra 1.0.47 (npm,
// Apache-2.0), made for @livekit/agents 1.0.47. See ../published-types.test.ts.
import { type APIConnectOptions, voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
/**
 * Exception thrown when there are errors with the Hedra API.
 */
export declare class HedraException extends Error {
  constructor(message: string);
}
/**
 * Represents an image that can be used as an avatar.
 * This can be a Buffer containing raw image data with a specified MIME type.
 */
export interface AvatarImage {
  /**
   * The raw image data as a Buffer.
   */
  data: Buffer;
  /**
   * The MIME type of the image (e.g., 'image/jpeg', 'image/png').
   */
  mimeType: string;
  /**
   * Optional filename for the image.
   */
  filename?: string;
}
/**
 * Options for configuring an AvatarSession.
 */
export interface AvatarSessionOptions {
  /**
   * The avatar ID to use. Either avatarId or avatarImage must be provided.
   */
  avatarId?: string | null;
  /**
   * A custom avatar image to use. Either avatarId or avatarImage must be provided.
   */
  avatarImage?: AvatarImage | null;
  /**
   * The Hedra API URL. Defaults to https://api.hedra.com/public/livekit/v1/session
   * or HEDRA_API_URL environment variable.
   */
  apiUrl?: string;
  /**
   * The Hedra API key. Can also be set via HEDRA_API_KEY environment variable.
   */
  apiKey?: string;
  /**
   * The identity of the avatar participant in the room. Defaults to 'hedra-avatar-agent'.
   */
  avatarParticipantIdentity?: string;
  /**
   * The name of the avatar participant in the room. Defaults to 'hedra-avatar-agent'.
   */
  avatarParticipantName?: string;
  /**
   * Connection options for API requests.
   */
  connOptions?: APIConnectOptions;
}
/**
 * Options for starting an avatar session.
 */
export interface StartOptions {
  /**
   * LiveKit server URL. Falls back to LIVEKIT_URL environment variable.
   */
  livekitUrl?: string;
  /**
   * LiveKit API key. Falls back to LIVEKIT_API_KEY environment variable.
   */
  livekitApiKey?: string;
  /**
   * LiveKit API secret. Falls back to LIVEKIT_API_SECRET environment variable.
   */
  livekitApiSecret?: string;
}
/**
 * A Hedra avatar session.
 *
 * This class manages the connection between a LiveKit agent and a Hedra avatar,
 * routing agent audio output to the avatar for visual representation.
 *
 * @example
 * ```typescript
 * // Using an avatar ID
 * const avatar = new AvatarSession({
 *   avatarId: 'your-avatar-id',
 *   apiKey: 'your-hedra-api-key',
 * });
 * await avatar.start(agentSession, room);
 *
 * // Using a custom avatar image
 * const imageBuffer = fs.readFileSync('avatar.jpg');
 * const avatar = new AvatarSession({
 *   avatarImage: {
 *     data: imageBuffer,
 *     mimeType: 'image/jpeg',
 *     filename: 'avatar.jpg',
 *   },
 *   apiKey: 'your-hedra-api-key',
 * });
 * await avatar.start(agentSession, room);
 * ```
 */
export declare class AvatarSession {
  #private;
  private avatarId;
  private avatarImage;
  private apiUrl;
  private apiKey;
  private avatarParticipantIdentity;
  private avatarParticipantName;
  private connOptions;
  /**
   * Creates a new AvatarSession.
   *
   * @param options - Configuration options for the avatar session
   * @throws HedraException if neither avatarId nor avatarImage is provided, or if HEDRA_API_KEY is not set
   */
  constructor(options?: AvatarSessionOptions);
  /**
   * Starts the avatar session and connects it to the agent.
   *
   * This method:
   * 1. Creates a LiveKit token for the avatar participant
   * 2. Calls the Hedra API to start the avatar session
   * 3. Configures the agent's audio output to stream to the avatar
   *
   * @param agentSession - The agent session to connect to the avatar
   * @param room - The LiveKit room where the avatar will join
   * @param options - Optional LiveKit credentials (falls back to environment variables)
   * @throws HedraException if LiveKit credentials are not available or if the avatar session fails to start
   */
  start(agentSession: voice.AgentSession, room: Room, options?: StartOptions): Promise<void>;
  private startAgent;
}
