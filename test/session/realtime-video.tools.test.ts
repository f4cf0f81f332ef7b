import { llm, voice } from '@livekit/agents';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { objectAt, objectsAt } from '../../src/testing/fakes/json.ts';
import { within } from '../../src/testing/waits.ts';
import {
  endStages,
  geminiStage,
  live,
  openAIStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

afterEach(endStages);
afterAll(() => stagesEnded());

type ToolParameters = NonNullable<Parameters<typeof llm.tool>[0]['parameters']>;

const toolOf = (name: string, parameters: ToolParameters) =>
  llm.tool({ name, description: 'Does it.', parameters, execute: async () => 'done' });

const FINE = toolOf('fine', z.object({ place: z.string().nullable() }));

/** A raw JSON schema with what `@google/genai` does not take. */
const BOTH = {
  type: 'object',
  properties: { a: { type: 'string', anyOf: [{ type: 'string' }] } },
} as const satisfies ToolParameters;

describe('a tool that the Google plugin cannot convert', () => {
  test.each<[string, ToolParameters]>([
    ['a null', z.object({ nothing: z.null() })],
    ['a date', z.object({ at: z.date() })],
    ['a type beside anyOf', BOTH],
    ['an object without properties', z.object({ options: z.object({}) })],
  ])(
    'a tool with %s, which the Google plugin cannot convert, is left out with an error that names it, and the conversation goes on',
    async (_what, parameters) => {
      const stage = await geminiStage({ tools: [FINE, toolOf('torn', parameters)] });
      await live(stage);
      expect(stage.fake.connection.toolNames).toEqual(['fine']);
      const errors = () => stage.events.filter(({ type }) => type === 'error');
      expect(errors()).toEqual([
        { type: 'error', cause: 'model', message: expect.stringContaining('the tool "torn"') },
      ]);
      await within(
        'answer',
        stage.session.generateReply({ userInput: 'Hello?' }).waitForPlayout(),
        60_000,
      );
      expect(await stage.fake.callTool('fine', { place: null })).toEqual({ output: '"done"' });
      const resumed = stage.next('model.resumed');
      stage.fake.closeConnection(1011);
      await resumed;
      expect(stage.fake.connection.toolNames).toEqual(['fine']);
      expect(errors()).toHaveLength(1);
    },
  );
});

test.each([3, 0])(
  'a Gemini connection whose setup cannot be made ends the agent session with an error that names the tools, if the plugin may try %i more times',
  async (maxRetry) => {
    const stage = await geminiStage({
      tools: [FINE],
      google: {
        // Only on Vertex AI.
        geminiTools: { enterpriseWebSearch: {} },
        connOptions: { maxRetry, retryIntervalMs: 1, timeoutMs: 60_000 },
      },
    });
    const ended = new Promise((resolve) =>
      stage.session.once(voice.AgentSessionEventTypes.Close, resolve),
    );
    const started = stage.start();
    await within('end', ended, 60_000);
    await started.catch(() => {});
    expect(stage.events.filter(({ type }) => type === 'error')).toEqual([
      { type: 'error', cause: 'model', message: expect.stringMatching(/cannot make .*\(fine\)/) },
    ]);
    await stage.fake.until(() => stage.fake.connections.every(({ isOpen }) => !isOpen));
    expect(stage.fake.connections).toHaveLength(1);
  },
);

test('a tool that the OpenAI plugin cannot convert is left out, and the conversation goes on', async () => {
  const stage = await openAIStage({ tools: [FINE, toolOf('torn', z.object({ at: z.date() }))] });
  await live(stage);
  const named = ({ message }: (typeof stage.fake.messages)[number]) =>
    objectsAt(objectAt(message, 'session'), 'tools').map(({ name }) => name);
  await stage.fake.until(() => stage.fake.messages.some((one) => named(one).length > 0), 'tools');
  expect(stage.fake.messages.flatMap(named)).toEqual(['fine']);
  const answered = stage.session.generateReply({ userInput: 'Hello?' }).waitForPlayout();
  await within('answer', answered, 60_000);
  const last = stage.session.history.items.at(-1);
  expect(last?.type === 'message' && last.textContent).toBe('I see it.');
  expect(stage.life).toEqual([]);
});
