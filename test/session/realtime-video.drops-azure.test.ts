import { testOpenAIDrops } from '../support/providers/openai-drops.ts';
import { azureModel } from '../support/providers/openai-protocol.ts';

testOpenAIDrops('Azure', azureModel);
