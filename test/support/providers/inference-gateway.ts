import { randomUUID } from 'node:crypto';
import { TokenVerifier } from 'livekit-server-sdk';
import { z } from 'zod';
import { FakeProvider } from '../../../src/testing/avatar/fake-provider.ts';
import { HiredAvatar, SAMPLE_RATE } from '../../../src/testing/avatar/hired-avatar.ts';
import { type Call, Refusal } from '../../../src/testing/avatar/strict-server.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { joinRoom } from '../../../src/testing/rooms.ts';
import { checked } from './checked.ts';

const CREATE = z.strictObject({
  provider: z.literal('lemonslice'),
  avatar_id: z.string().min(1),
  livekit_url: z.url({ protocol: /^wss?$/ }),
  room_name: z.string().min(1),
  room_sid: z.string().startsWith('RM_'),
  avatar_identity: z.string().min(1),
  avatar_name: z.string().min(1),
  agent_identity: z.literal(AGENT),
});

const TERMINATE = z.strictObject({
  provider: z.literal('lemonslice'),
  provider_session_id: z.string(),
  terminate_token: z.string(),
});

/** LiveKit's inference gateway, as `inference.AvatarSession` of the framework 1.9.0 calls it. */
export class InferenceGateway extends FakeProvider {
  /** Tokens of the running sessions by id. Each session costs money. */
  readonly running = new Map<string, string>();
  readonly #server: LiveKitServer;

  constructor(server: LiveKitServer) {
    super();
    this.#server = server;
  }

  protected async answer(call: Call): Promise<unknown> {
    if (call.method !== 'POST') throw new Refusal(405, `no ${call.method}`);
    await this.#authorize(call);
    if (call.path === '/avatar/sessions') return this.#create(call);
    if (call.path === '/avatar/sessions/terminate') return this.#terminate(call);
    throw new Refusal(404, `no ${call.path}`);
  }

  async #create({ headers, body }: Call): Promise<unknown> {
    this.events.push('asked');
    if (!headers['idempotency-key']) throw new Refusal(400, 'no Idempotency-Key');
    const { room_name, avatar_identity, agent_identity } = checked(CREATE, body);
    await this.misbehave();
    const [provider_session_id, terminate_token] = [randomUUID(), randomUUID()];
    this.running.set(provider_session_id, terminate_token);
    this.send(async () =>
      HiredAvatar.in(
        await joinRoom(this.#server, room_name, avatar_identity, {
          kind: 'agent',
          attributes: { 'lk.publish_on_behalf': agent_identity },
        }),
      ),
    );
    return {
      session_id: randomUUID(),
      provider_session_id,
      terminate_token,
      avatar_identity,
      sample_rate: SAMPLE_RATE,
    };
  }

  async #terminate({ body }: Call): Promise<unknown> {
    const { provider_session_id, terminate_token } = checked(TERMINATE, body);
    if (this.running.get(provider_session_id) !== terminate_token)
      throw new Refusal(403, 'no such session, or not its token');
    this.running.delete(provider_session_id);
    this.events.push('terminated');
    return {};
  }

  async #authorize({ headers }: Call): Promise<void> {
    const { apiKey, apiSecret } = this.#server;
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(token).catch((error) => {
      throw new Refusal(401, String(error));
    });
    if (!claims.inference?.perform) throw new Refusal(403, 'no grant for inference');
    if (headers['x-livekit-inference-provider'] !== 'lemonslice')
      throw new Refusal(400, 'no X-LiveKit-Inference-Provider');
  }
}
