import { testOpenAIDrops } from '../support/providers/openai-drops.ts';
import { xaiModel } from '../support/providers/openai-protocol.ts';

testOpenAIDrops('xAI', xaiModel);
