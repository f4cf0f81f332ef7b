import type { llm } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as openai from '@livekit/agents-plugin-openai';
import { LineChild } from '../../src/testing/processes/line-child.ts';
import type { AgentKind } from '../../src/testing/story/steps.ts';
import { VoiceOnlyRealtime } from '../../src/testing/story/voice-only-realtime.ts';
import type { Tally } from './model-services.ts';
import { YesModel } from './yes-model.ts';

export const INSTRUCTIONS = 'You see.';

export const PROVIDERS = ['gemini', 'openai'] as const;
type Provider = (typeof PROVIDERS)[number];

const START_LIMIT_MS = 60_000;

/** The process of the realtime models' services. */
export class ModelServices {
  readonly #child = LineChild.startNode('services', new URL('model-services.ts', import.meta.url));
  /** The process takes one request at a time. */
  #last: Promise<unknown> = Promise.resolve();

  addresses(): Promise<Record<Provider, string>> {
    return this.#ask('addresses', START_LIMIT_MS);
  }

  tally(): Promise<Tally> {
    return this.#ask('tally');
  }

  /** The service closes its newest connection, as if it failed. */
  drop(provider: Provider): Promise<null> {
    return this.#ask(`drop ${provider}`);
  }

  async end(): Promise<void> {
    await this.#last;
    await this.#child.end();
  }

  #ask<Reply>(line: string, limitMs?: number): Promise<Reply> {
    const reply = this.#last.then(() => this.#child.ask<Reply>(line, limitMs));
    this.#last = reply.catch(() => {});
    return reply;
  }
}

/** One model of each kind. Each session has its own, as each job of an application has. */
export type SoakModels = Readonly<Record<AgentKind, llm.LLM | llm.RealtimeModel>>;

export function soakModels(addresses: Readonly<Record<Provider, string>>): SoakModels {
  return {
    pipeline: new YesModel('yes'),
    textOnly: new YesModel('gpt-3.5-turbo'),
    voiceOnly: new VoiceOnlyRealtime(),
    gemini: new google.realtime.RealtimeModel({
      apiKey: 'k',
      httpOptions: { baseUrl: addresses.gemini },
      instructions: INSTRUCTIONS,
    }),
    openai: new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: addresses.openai }),
  };
}
