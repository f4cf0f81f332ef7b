import { testOpenAIDrops } from '../support/providers/openai-drops.ts';

testOpenAIDrops('OpenAI');
