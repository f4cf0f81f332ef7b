import { getEventListeners } from 'node:events';
import { llm, voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { handOut } from '../../src/frames/handed-frames.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { perform } from '../../src/watch/acts.ts';

test('a watch that was stopped says nothing', async () => {
  const said: string[] = [];
  const session = {
    currentAgent: {},
    say: (line: string) => {
      said.push(line);
      return { waitForPlayout: async () => {}, interrupt: () => {} };
    },
  } as unknown as voice.AgentSession;
  const frame = {} as SeenFrame;
  const { signal } = new AbortController();
  await perform({ say: 'A sheet.' }, { answer: true, frame, session, signal });
  expect(said).toEqual(['A sheet.']);
  await perform({ say: 'Another.' }, { answer: true, frame, session, signal: AbortSignal.abort() });
  expect(said).toEqual(['A sheet.']);
});

/** A session of an agent with this model, and what it is asked for. */
function stage({ isRealtime = false, hasVoice = false, isOfAgent = false } = {}) {
  const asked: unknown[] = [];
  const model = isRealtime ? Object.create(llm.RealtimeModel.prototype) : undefined;
  const agent = new voice.Agent({ instructions: 'You see.', ...(isOfAgent && { llm: model }) });
  const updates: llm.ChatContext[] = [];
  agent.updateChatCtx = async (context) => {
    await settle();
    asked.push('history');
    updates.push(context);
  };
  let finish = () => {};
  const played = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const handle = {
    waitForPlayout: () => played,
    interrupt: (force: boolean) => asked.push(['interrupt', force]),
  };
  const session = {
    ...{ currentAgent: agent, llm: isOfAgent ? undefined : model, tts: hasVoice ? {} : undefined },
    say: (line: string) => {
      asked.push({ say: line });
      return handle;
    },
    generateReply: (options: object) => {
      asked.push(options);
      return handle;
    },
  } as unknown as voice.AgentSession;
  const frame = {
    ...{ id: 1, trackSid: 'TR_1', identity: 'ada', source: 'screen', receivedAt: 0 },
    encode: async () => ({
      ...{ data: Buffer.from('jpeg'), mimeType: 'image/jpeg', width: 1, height: 1 },
    }),
  } as unknown as SeenFrame;
  const purposes: string[] = [];
  handOut(frame, {
    ...{ keep: () => {}, isValid: () => true },
    noteShown: ({ purpose }) => void purposes.push(purpose),
  });
  const ending = new AbortController();
  const act = (one: Parameters<typeof perform<string>>[0]) =>
    perform(one, { answer: 'open', frame, session, signal: ending.signal });
  return { asked, updates, purposes, ending, finish, act };
}

const settle = () => new Promise(setImmediate);

test('a line is said as it is, or made of the answer, and awaited', async () => {
  const { asked, act, finish } = stage();
  let isOver = false;
  const acting = act({ say: (answer) => `It is ${answer}.` }).then(() => {
    isOver = true;
  });
  await settle();
  expect([asked, isOver]).toEqual([[{ say: 'It is open.' }], false]);
  finish();
  await acting;
});

test('a realtime model without a voice is instructed to say the line', async () => {
  const silent = stage({ isRealtime: true });
  silent.finish();
  await silent.act({ say: 'Open.' });
  expect(silent.asked).toEqual([{ instructions: 'Say exactly this, and nothing else: Open.' }]);
  const voiced = stage({ isRealtime: true, hasVoice: true });
  voiced.finish();
  await voiced.act({ say: 'Open.' });
  expect(voiced.asked).toEqual([{ say: 'Open.' }]);
});

test('a reply finds the picture in the history', async () => {
  const { asked, updates, purposes, act, finish } = stage();
  finish();
  await act({ reply: 'Say what it is.' });
  expect(asked).toEqual(['history', { instructions: 'Say what it is.' }]);
  const message = updates[0]?.items[0];
  expect(message).toMatchObject({
    role: 'user',
    content: ['[what the screen shows now]', { type: 'image_content' }],
  });
  // It counts as a picture that the model of the conversation was shown.
  expect(purposes).toEqual(['turn']);
});

test.each([false, true])(
  'a realtime model, of the agent itself: %s, replies to what it was shown',
  async (isOfAgent) => {
    const { asked, act, finish } = stage({ isRealtime: true, isOfAgent });
    finish();
    await act({ reply: (answer) => `Say that it is ${answer}.` });
    expect(asked).toEqual([{ instructions: 'Say that it is open.' }]);
  },
);

test('a watch that stops interrupts its speech, and leaves no listener', async () => {
  const { asked, act, ending, finish } = stage();
  const acting = act({ say: 'Open.' });
  await settle();
  ending.abort();
  expect(asked).toEqual([{ say: 'Open.' }, ['interrupt', true]]);
  finish();
  await acting;
  const over = stage();
  over.finish();
  await over.act({ say: 'Open.' });
  expect(getEventListeners(over.ending.signal, 'abort')).toEqual([]);
});

test('a function is called with the sighting and awaited, and an event does nothing', async () => {
  const { asked, act } = stage();
  await act(async ({ answer }) => {
    await settle();
    asked.push(answer);
  });
  expect(asked).toEqual(['open']);
  await act('event');
  expect(asked).toHaveLength(1);
});
