import { Room } from '@livekit/rtc-node';
import { TokenVerifier } from 'livekit-server-sdk';
import { z } from 'zod';
import { FakeProvider } from '../../../src/testing/avatar/fake-provider.ts';
import { HiredAvatar } from '../../../src/testing/avatar/hired-avatar.ts';
import { type Call, Refusal } from '../../../src/testing/avatar/strict-server.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { checked } from './checked.ts';

export const API_KEY = 'lemonslice-key';
const PATH = '/api/liveai/sessions';

const SESSION = z.strictObject({
  transport_type: z.literal('livekit'),
  agent_id: z.string().min(1),
  idle_timeout: z.number().optional(),
  properties: z.strictObject({
    livekit_url: z.url({ protocol: /^wss?$/ }),
    livekit_token: z.string().min(1),
    livekit_session_id: z.string().optional(),
  }),
});

/** LemonSlice's API, as its plugin 1.9.0 calls it. It has no call that ends a session. */
export class LemonSliceApi extends FakeProvider {
  readonly #server: LiveKitServer;

  constructor(server: LiveKitServer) {
    super();
    this.#server = server;
  }

  /** The plugin's option `apiUrl`. */
  get apiUrl(): string {
    return this.url + PATH;
  }

  protected async answer({ method, path, headers, body }: Call): Promise<unknown> {
    this.events.push('asked');
    if (method !== 'POST' || path !== PATH) throw new Refusal(404, `no ${method} ${path}`);
    if (headers['x-api-key'] !== API_KEY) throw new Refusal(401, 'no key, or not ours');
    const { properties } = checked(SESSION, body);
    await this.#checkToken(properties.livekit_token);
    await this.misbehave();
    this.send(async () => {
      const room = new Room();
      await room.connect(properties.livekit_url, properties.livekit_token, {
        autoSubscribe: true,
        dynacast: false,
      });
      return HiredAvatar.in(room);
    });
    return { session_id: 'session-1' };
  }

  async #checkToken(token: string): Promise<void> {
    const { apiKey, apiSecret } = this.#server;
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(token).catch((error) => {
      throw new Refusal(422, `livekit_token: ${String(error)}`);
    });
    const speaksFor = claims.attributes?.['lk.publish_on_behalf'];
    if (claims.kind !== 'agent' || speaksFor !== AGENT || !claims.video?.roomJoin)
      throw new Refusal(422, `livekit_token: not an avatar's: ${JSON.stringify(claims)}`);
  }
}
