import { EventEmitter, getEventListeners } from 'node:events';
import { voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { Speeches } from '../../src/actors/speeches.ts';

const { SpeechCreated } = voice.AgentSessionEventTypes;

/** An agent session in which a test starts speeches. */
function stage() {
  const session = new EventEmitter();
  const speeches = new Speeches(session as unknown as voice.AgentSession);
  speeches.open();
  const speak = () => {
    const speechHandle = voice.SpeechHandle.create();
    session.emit(SpeechCreated, { speechHandle });
    return speechHandle;
  };
  return { session, speeches, speak };
}

const settled = () => new Promise(setImmediate);

test('a request is over when all speeches of its moment were interrupted', async () => {
  const { speeches, speak } = stage();
  const [first, second] = [speak(), speak()];
  const over = new AbortController();
  const interrupted = speeches.interrupted(over.signal);
  const later = speak();
  first.interrupt();
  await settled();
  expect(interrupted.aborted).toBe(false);
  second.interrupt();
  await settled();
  expect(interrupted.aborted).toBe(true);
  expect(later.interrupted).toBe(false);
});

test('a request without a speech, or one that is over, is not interrupted', async () => {
  const { speeches, speak } = stage();
  const over = new AbortController();
  const without = speeches.interrupted(over.signal);
  const speech = speak();
  const ended = speeches.interrupted(over.signal);
  over.abort();
  const late = speeches.interrupted(over.signal);
  speech.interrupt();
  await settled();
  expect([without, ended, late].map(({ aborted }) => aborted)).toEqual([false, false, false]);
});

test('a speech that was interrupted earlier does not count for the next request', async () => {
  const { speeches, speak } = stage();
  speak().interrupt();
  const interrupted = speeches.interrupted(new AbortController().signal);
  await settled();
  expect(interrupted.aborted).toBe(false);
});

test('a request is over with its own speech, whatever was spoken before', async () => {
  const { speeches, speak } = stage();
  speak()._markDone();
  await settled();
  const speech = speak();
  const interrupted = speeches.interrupted(new AbortController().signal);
  speech.interrupt();
  await settled();
  expect(interrupted.aborted).toBe(true);
});

test('a close leaves no listener, and forgets the speeches under way', async () => {
  const { session, speeches, speak } = stage();
  const speech = speak();
  speeches.close();
  expect(session.listenerCount(SpeechCreated)).toBe(0);
  const over = new AbortController();
  const interrupted = speeches.interrupted(over.signal);
  expect(getEventListeners(over.signal, 'abort')).toHaveLength(1);
  speech.interrupt();
  await settled();
  expect(interrupted.aborted).toBe(false);
});
