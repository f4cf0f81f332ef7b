import type { voice } from '@livekit/agents';
import { expect, test } from 'vitest';
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
