import { testOpenAIDrops } from '../support/providers/openai-drops.ts';

const PLUGIN = '@livekit/agents-plugin-xai';
// Its model inherits OpenAI's, whose types suffice here.
const xai = (await import(PLUGIN)) as typeof import('@livekit/agents-plugin-openai');

testOpenAIDrops('xAI', (options) => new xai.realtime.RealtimeModel(options));
