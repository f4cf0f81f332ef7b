import { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import type { LocalAvatarOptions } from '../../../src/avatar/worker/local-avatar-options.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { WAIT_LIMIT_MS } from '../../../src/testing/waits.ts';

/** An avatar whose process may start slowly, as it does on a busy machine. */
export const localAvatar = (
  { url, apiKey, apiSecret }: Pick<LiveKitServer, 'url' | 'apiKey' | 'apiSecret'>,
  options: LocalAvatarOptions = {},
): LocalAvatar =>
  new LocalAvatar({ url, apiKey, apiSecret, startTimeoutMs: WAIT_LIMIT_MS, ...options });
