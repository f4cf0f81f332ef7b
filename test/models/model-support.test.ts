import { llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { describe, expect, test } from 'vitest';
import { UnsupportedModelError } from '../../src/errors.ts';
import { modelKind } from '../../src/models/model-support.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

const agent = new voice.Agent({ instructions: '' });
const sessionWith = (model: string) => new voice.AgentSession({ llm: new RecordingLLM(model) });

describe('a model name', () => {
  test.each([
    'gpt-3.5-turbo',
    'openai/gpt-3.5-turbo',
    'gpt-4-turbo-preview',
    'llama3.1',
    'meta-llama/Meta-Llama-3.1-70B-Instruct',
    'meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo',
    'accounts/fireworks/models/llama-v3p1-70b-instruct',
    'llama-2-13b-chat',
    'grok-2-public',
    'gpt-4',
    'gpt-4-0613',
    'gpt-4-32k',
    'o1-mini',
    'o1-preview',
    'o3-mini',
    'deepseek-chat',
    'deepseek-ai/deepseek-v3',
    'meta-llama/llama-3.1-8b-instruct',
    'llama3.3-70b',
    'llama-3-70b',
    'mistralai/mixtral-8x7b',
    'openai/gpt-oss-120b',
    'moonshotai/kimi-k2-instruct',
  ])('the model name %s belongs to a model that reads text only', (name) => {
    expect(() => modelKind(sessionWith(name), agent)).toThrow(UnsupportedModelError);
  });

  test.each([
    'gpt-4o',
    'gpt-4o-mini',
    'gpt-4.1',
    'gpt-4-turbo',
    'grok-2-vision-1212',
    'grok-4-fast',
    'accounts/fireworks/models/llama-v3p2-90b-vision-instruct',
    'llama4:scout',
    'gpt-5',
    'o1',
    'o3',
    'o4-mini',
    'gemini-2.5-flash',
    'claude-sonnet-4-5',
    'meta-llama/llama-3.2-90b-vision-instruct',
    'llama-3.2-11b-vision-preview',
    'meta-llama/llama-4-scout',
    'pixtral-12b',
    'deepseek-vl2',
    'unknown',
    'some-model-of-next-year',
  ])('the model name %s is accepted', (name) => {
    expect(modelKind(sessionWith(name), agent)).toBe('pipeline');
  });
});

test("an agent's own model counts, not that of its session", () => {
  const seeing = new voice.Agent({ instructions: '', llm: new RecordingLLM('gpt-4o') });
  expect(modelKind(sessionWith('gpt-3.5-turbo'), seeing)).toBe('pipeline');
  const reading = new voice.Agent({ instructions: '', llm: new RecordingLLM('gpt-3.5-turbo') });
  expect(() => modelKind(sessionWith('gpt-4o'), reading)).toThrow('gpt-3.5-turbo');
});

test('the plugin of mistralai is reported, since it drops pictures without an error', () => {
  class Mistral extends RecordingLLM {
    override label(): string {
      return 'mistralai.LLM';
    }
  }
  const session = new voice.AgentSession({ llm: new Mistral('pixtral-12b') });
  expect(() => modelKind(session, agent)).toThrow(/mistralai\.LLM .*drops pictures/);
});

test('the available member of a FallbackAdapter counts', () => {
  const [reads, sees] = [new RecordingLLM('gpt-3.5-turbo'), new RecordingLLM('gpt-4o')];
  const kindOf = (adapter: llm.FallbackAdapter) =>
    modelKind(new voice.AgentSession({ llm: adapter }), agent);
  expect(kindOf(new llm.FallbackAdapter({ llms: [sees, reads] }))).toBe('pipeline');
  const adapter = new llm.FallbackAdapter({ llms: [reads, sees] });
  expect(() => kindOf(adapter)).toThrow('gpt-3.5-turbo');
  Object.assign(adapter._status[0] ?? {}, { available: false });
  expect(kindOf(adapter)).toBe('pipeline');
});

test('GPT-Live counts as a realtime model', () => {
  const model = new openai.realtime.GPTLiveModel({ apiKey: 'k' });
  expect(modelKind(new voice.AgentSession({ llm: model }), agent)).toBe('realtime');
});
