import { llm } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { recordedRequest } from '../../src/testing/recorded-request.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { settled } from '../../src/testing/simulated-clock.ts';

function context(...texts: string[]) {
  const chatCtx = new llm.ChatContext();
  for (const content of texts) chatCtx.addMessage({ role: 'user', content });
  return { chatCtx };
}

test('a wait for a number of requests ends with that request, also for an earlier one', async () => {
  const model = new RecordingLLM();
  const over: number[] = [];
  for (const count of [1, 2]) void model.asked(count).then(() => over.push(count));
  await model.chat(context('a')).collect();
  await settled();
  expect(over).toEqual([1]);
  await model.chat(context('b')).collect();
  await settled();
  expect(over).toEqual([1, 2]);
  await model.asked(1);
  expect(model.last.text).toBe('b');
  expect([model.label(), model.model]).toEqual(['test.RecordingLLM', 'recording']);
});

test('calls of one answer have ids of their own', async () => {
  const model = new RecordingLLM();
  model.replies.push([{ call: 'look' }, { call: 'look', args: { x: 1 } }]);
  const { toolCalls } = await model.chat(context('a')).collect();
  expect(toolCalls.map(({ callId, name, args }) => [callId, name, args])).toEqual([
    ['call_look', 'look', '{}'],
    ['call_look_2', 'look', '{"x":1}'],
  ]);
});

test('a slow answer that was cancelled is not given', async () => {
  const model = new RecordingLLM();
  let answer = (_: string) => {};
  model.replies.push(() => new Promise<string>((resolve) => (answer = resolve)));
  const stream = model.chat(context('a'));
  await settled();
  stream.close();
  answer('late');
  const parts: unknown[] = [];
  for await (const part of stream) parts.push(part);
  expect(parts).toEqual([]);
});

test('a recorded model is prepared, reports and is closed through the recording one', async () => {
  const inner = new RecordingLLM('inner');
  const [prewarm, aclose] = [vi.spyOn(inner, 'prewarm'), vi.spyOn(inner, 'aclose')];
  const model = new RecordingLLM(inner);
  const seen: unknown[] = [];
  model.on('metrics_collected', (metrics) => seen.push(metrics));
  model.on('error', (error) => seen.push(error));
  inner.emit('metrics_collected', 'metrics' as never);
  inner.emit('error', 'error' as never);
  model.prewarm();
  await model.aclose();
  expect(seen).toEqual(['metrics', 'error']);
  expect([prewarm.mock.calls.length, aclose.mock.calls.length]).toEqual([1, 1]);
});

test('a recorded request is a copy with its own pictures, texts and tools', () => {
  const chatCtx = new llm.ChatContext();
  const image = llm.createImageContent({
    ...{ image: greyFrame(1), inferenceDetail: 'low', inferenceWidth: 10, inferenceHeight: 20 },
    mimeType: 'image/png',
  });
  chatCtx.addMessage({ role: 'system', content: 'Be short.' });
  chatCtx.addMessage({ role: 'user', content: ['first', image] });
  const own = chatCtx.addMessage({ role: 'user', content: ['one', image, 'two'] });
  chatCtx.addMessage({ role: 'assistant', content: 'Yes.' });
  const request = recordedRequest(chatCtx, ['look']);
  own.content.splice(0);
  expect(request).toMatchObject({ text: 'one\ntwo', tools: ['look'] });
  expect(request.messages.map(({ role, text }) => [role, text])).toEqual([
    ['system', 'Be short.'],
    ['user', 'first'],
    ['user', 'one\ntwo'],
    ['assistant', 'Yes.'],
  ]);
  expect([request.pictures.length, request.ownPictures.length]).toEqual([2, 1]);
  expect(request.ownPictures[0]).toMatchObject({
    ...{ type: 'image_content', id: image.id, inferenceDetail: 'low' },
    ...{ inferenceWidth: 10, inferenceHeight: 20, mimeType: 'image/png', width: 96, height: 64 },
    ...{ source: undefined, identity: undefined, trackSid: undefined, ageMs: undefined },
  });
  expect(recordedRequest(new llm.ChatContext())).toMatchObject({
    ...{ messages: [], pictures: [], ownPictures: [], text: '', tools: [] },
  });
  const plain = llm.createImageContent({ image: 'data:image/png;base64,AAAA' });
  const bare = new llm.ChatContext();
  bare.addMessage({ role: 'user', content: [plain] });
  const [picture] = recordedRequest(bare).pictures;
  expect(picture?.data).toEqual(Buffer.from([0, 0, 0]));
  expect(Object.keys(picture ?? {})).not.toContain('inferenceWidth');
});
