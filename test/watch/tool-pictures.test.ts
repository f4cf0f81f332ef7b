import { llm, voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { showInFollowUp } from '../../src/watch/tool-pictures.ts';

test('a tool call whose speech is over leaves no override of the agent', () => {
  const agent = new voice.Agent({ instructions: 'Look.' });
  const done: ((speech: voice.SpeechHandle) => void)[] = [];
  const speech = {
    addDoneCallback: (callback: (speech: voice.SpeechHandle) => void) => void done.push(callback),
  };
  const picture = llm.createImageContent({ image: 'data:image/jpeg;base64,QUJD' });
  showInFollowUp(agent, speech, { callId: 'call_1', what: 'picture of the camera', picture });
  expect(Object.hasOwn(agent, 'llmNode')).toBe(true);
  for (const callback of done) callback(speech as voice.SpeechHandle);
  expect(Object.hasOwn(agent, 'llmNode')).toBe(false);
});

/** An agent whose requests are recorded, and tool calls that it makes. */
function stage() {
  const requests: string[][] = [];
  class Assistant extends voice.Agent {
    override async llmNode(context: llm.ChatContext) {
      requests.push(textsIn(context));
      return null;
    }
  }
  const agent: voice.Agent = new Assistant({ instructions: 'Look.' });
  const done: (() => void)[] = [];
  const speech = { addDoneCallback: (callback: () => void) => void done.push(callback) };
  const show = (callId: string, what = `picture of ${callId}`) =>
    showInFollowUp(agent, speech as unknown as voice.SpeechHandle, {
      ...{ callId, what },
      picture: llm.createImageContent({ image: 'data:image/jpeg;base64,QUJD' }),
    });
  const request = async (context: llm.ChatContext) => {
    await agent.llmNode(context, {} as never, {});
    return requests.at(-1);
  };
  const endSpeech = () => {
    for (const callback of done) callback();
  };
  return { agent, show, request, endSpeech };
}

const textsIn = ({ items }: llm.ChatContext): string[] =>
  items.map((item) => {
    if (item.type === 'function_call_output') return `output of ${item.callId}`;
    if (item.type !== 'message') return item.type;
    const pictures = item.content.filter((part) => typeof part === 'object').length;
    return `${item.role}: ${item.textContent} ${pictures}`;
  });

/** A context that ends with the outputs of these calls. */
function answered(...callIds: string[]): llm.ChatContext {
  const context = llm.ChatContext.empty();
  context.addMessage({ role: 'user', content: 'What is there?' });
  for (const callId of callIds)
    context.items.push(
      llm.FunctionCallOutput.create({ callId, output: 'It is here.', isError: false }),
    );
  return context;
}

test('the request after a tool call has its picture, and so has the history, once', async () => {
  const { agent, show, request } = stage();
  show('call_1', 'picture of the camera');
  const shown = 'user: [the picture of the camera that was requested] 1';
  expect(await request(answered('call_1'))).toEqual([
    ...['user: What is there? 0', 'output of call_1', shown],
  ]);
  expect(textsIn(agent.chatCtx)).toEqual([shown]);
  expect(Object.hasOwn(agent, 'llmNode')).toBe(false);
  expect(await request(answered('call_1'))).toHaveLength(2);
});

test('pictures of several calls in one step are in one message', async () => {
  const { show, request } = stage();
  show('call_1');
  show('call_2');
  const [, , , message, ...more] = (await request(answered('call_1', 'call_2'))) ?? [];
  expect(message).toBe(
    'user: [the picture of call_1 that was requested]\n[the picture of call_2 that was requested] 2',
  );
  expect(more).toEqual([]);
});

test('a picture waits for the request after its own call', async () => {
  const { agent, show, request } = stage();
  show('call_2');
  expect(await request(answered('call_1'))).toHaveLength(2);
  const turn = answered('call_2');
  turn.addMessage({ role: 'user', content: 'And now?' });
  expect(await request(turn)).toHaveLength(3);
  expect(textsIn(agent.chatCtx)).toEqual([]);
  expect(await request(answered('call_2'))).toHaveLength(3);
});

test('a picture of an interrupted step is not shown later', async () => {
  const { agent, show, request, endSpeech } = stage();
  show('call_1');
  endSpeech();
  expect(await request(answered('call_1'))).toHaveLength(2);
  show('call_2');
  expect(await request(answered('call_2'))).toHaveLength(3);
  expect(textsIn(agent.chatCtx)).toHaveLength(1);
});
