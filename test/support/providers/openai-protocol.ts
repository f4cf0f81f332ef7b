import * as openai from '@livekit/agents-plugin-openai';
import type { MakeOpenAIModel } from '../realtime-stage.ts';

const XAI_PLUGIN = '@livekit/agents-plugin-xai';
// Its model inherits OpenAI's, whose types suffice here.
const xai = (await import(XAI_PLUGIN)) as typeof openai;

/** xAI's plugin, on a service with OpenAI's protocol. */
export const xaiModel: MakeOpenAIModel = (options) => new xai.realtime.RealtimeModel(options);

/** The openai plugin's model of a deployment on Azure. */
export const azureModel: MakeOpenAIModel = ({ baseURL, ...options }) => {
  const { origin } = new URL(baseURL);
  return new openai.realtime.RealtimeModel({
    ...options,
    baseURL: `${origin}/openai`,
    azureDeployment: 'gpt-realtime',
  });
};
