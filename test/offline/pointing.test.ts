import { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { inPicture } from '../../offline/paper.ts';
import { pointAnswer, pointCall } from '../../offline/pointing.ts';

const WORDS = [
  { text: 'HOT', box: { x: 0.25, y: 0.5, width: 0.125, height: 0.0625 } },
  { text: 'COFFEE', box: { x: 0.5, y: 0.4375, width: 0.25, height: 0.125 } },
];
const point = llm.tool({ name: 'point', description: 'Points.', execute: async () => '' });
const tools = new llm.ToolContext([point]);
const argsOf = (question: string) => {
  const call = pointCall(question, WORDS, tools);
  return call && JSON.parse(call.args);
};

test('a question for a place calls the point tool with the word, or with all words', () => {
  expect(argsOf('Where is the coffee?')).toEqual({ ...WORDS[1]?.box, label: 'COFFEE' });
  expect(argsOf('Where is it?')).toEqual({
    ...{ x: 0.25, y: 0.4375, width: 0.5, height: 0.125, label: 'HOT COFFEE' },
  });
});

test('another question, a picture without words, or an agent without the tool calls nothing', () => {
  expect(argsOf('What can you see?')).toBeUndefined();
  expect(pointCall('Where is it?', [], tools)).toBeUndefined();
  expect(pointCall('Where is it?', WORDS, llm.ToolContext.empty())).toBeUndefined();
});

test('the answer of the point tool is what the reader says next', () => {
  const context = llm.ChatContext.empty();
  expect(pointAnswer(context)).toBeUndefined();
  const output = { callId: 'call_1', name: 'point', output: '"There."', isError: false };
  context.items.push(llm.FunctionCallOutput.create(output));
  expect(pointAnswer(context)).toBe('There.');
});

test('a place on the paper is found in the picture', () => {
  // The paper has a margin of 24 pixels around the picture, which is 640 pixels wide there.
  const place = { x0: 24 + 320, y0: 24 + 90, x1: 24 + 480, y1: 24 + 180 };
  expect(inPicture(place, { width: 1280, height: 720 })).toEqual({
    ...{ x: 0.5, y: 0.25, width: 0.25, height: 0.25 },
  });
});
