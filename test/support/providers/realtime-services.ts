import { FakeGeminiLive } from '../../../src/testing/fakes/gemini-live.ts';
import { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import type { Environment } from '../../../src/testing/processes/child.ts';

export type RealtimeService = FakeGeminiLive | FakeOpenAIRealtime;

/** The service of a realtime model, for a program that a user starts. */
export interface RealtimeProvider {
  readonly name: string;
  make(): RealtimeService;
  /** The settings of the program, as a user makes them. */
  environment(baseUrl: string): Environment;
}

export const REALTIME_PROVIDERS: readonly RealtimeProvider[] = [
  {
    name: 'Gemini Live',
    make: () => new FakeGeminiLive({ apiKey: 'k' }),
    environment: (baseUrl) => ({ GOOGLE_API_KEY: 'k', GOOGLE_BASE_URL: baseUrl }),
  },
  {
    name: 'OpenAI Realtime',
    make: () => new FakeOpenAIRealtime({ apiKey: 'k' }),
    environment: (baseUrl) => ({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: baseUrl }),
  },
];
