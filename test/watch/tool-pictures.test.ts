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
