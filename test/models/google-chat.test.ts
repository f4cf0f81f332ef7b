import { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { givePicturesAContentOfTheirOwn } from '../../src/models/google-chat.ts';

interface Content {
  role: string;
  parts: Record<string, unknown>[];
}

/** A conversation with a tool call, and the items after its answer. */
async function contentsWith(...content: llm.ChatContent[]): Promise<[string, ...string[]][]> {
  const context = llm.ChatContext.empty();
  context.addMessage({ role: 'user', content: 'What is there?' });
  const call = { callId: 'call_1', name: 'look' };
  context.items.push(
    llm.FunctionCall.create({ ...call, args: '{}' }),
    llm.FunctionCallOutput.create({ ...call, output: 'The picture follows.', isError: false }),
  );
  if (content.length > 0) context.addMessage({ role: 'user', content });
  const [turns] = (await context.toProviderFormat('google')) as unknown as [Content[]];
  return turns.map(({ role, parts }) => [role, ...parts.flatMap((part) => Object.keys(part))]);
}

const picture = () => llm.createImageContent({ image: 'data:image/jpeg;base64,/9j/2Q==' });

test('Gemini gets the picture of a tool in a separate content', async () => {
  givePicturesAContentOfTheirOwn();
  givePicturesAContentOfTheirOwn();
  expect(await contentsWith('the picture', picture())).toEqual([
    ['user', 'text'],
    ['model', 'functionCall'],
    ['user', 'functionResponse'],
    ['user', 'text', 'inlineData'],
  ]);
});

test('a separate content for pictures is set up once for the process', () => {
  givePicturesAContentOfTheirOwn();
  const { toProviderFormat } = llm.ChatContext.prototype;
  givePicturesAContentOfTheirOwn();
  expect(llm.ChatContext.prototype.toProviderFormat).toBe(toProviderFormat);
});

test('Gemini gets text after the answer of a tool as the framework formats it', async () => {
  givePicturesAContentOfTheirOwn();
  expect(await contentsWith('And now?')).toEqual([
    ['user', 'text'],
    ['model', 'functionCall'],
    ['user', 'functionResponse', 'text'],
  ]);
});
