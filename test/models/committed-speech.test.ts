import type { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { showBeforeCommittedReply } from '../../src/models/committed-speech.ts';

test('each committed speech shows the newest frame after its audio, and its reply waits for that frame', async () => {
  const log: string[] = [];
  const shown: (() => void)[] = [];
  const session = {
    commitAudio: () => log.push('audio'),
    generateReply: async (instructions: string) => log.push(instructions),
  };
  showBeforeCommittedReply(session as unknown as llm.RealtimeSession, () => {
    log.push('frame');
    return new Promise((resolve) => shown.push(resolve));
  });
  await session.generateReply('a reply without speech');
  for (const reply of ['first reply', 'second reply']) {
    session.commitAudio();
    const replied = session.generateReply(reply);
    await new Promise(setImmediate);
    expect(log.slice(-2)).toEqual(['audio', 'frame']);
    shown.at(-1)?.();
    await replied;
  }
  expect(log).toEqual([
    'a reply without speech',
    ...['audio', 'frame', 'first reply', 'audio', 'frame', 'second reply'],
  ]);
});
