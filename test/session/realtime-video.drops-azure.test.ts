import * as openai from '@livekit/agents-plugin-openai';
import { testOpenAIDrops } from '../support/providers/openai-drops.ts';

testOpenAIDrops('Azure', ({ baseURL, ...options }) => {
  const { origin } = new URL(baseURL);
  return new openai.realtime.RealtimeModel({
    ...options,
    baseURL: `${origin}/openai`,
    azureDeployment: 'gpt-realtime',
  });
});
