import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { llm } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { expect, test } from 'vitest';
import { until } from '../../src/testing/waits.ts';
import { sessionsWith } from '../support/realtime-sessions.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('a realtime model that was replaced at a hand-off is not kept until the session ends', async () => {
  const watching = sessionsWith();
  const watched = () => {
    const model = new openai.realtime.RealtimeModel({ apiKey: 'sk-test' });
    watching.watch(model);
    return new WeakRef<llm.RealtimeModel>(model);
  };
  const replaced = watched();
  await until('the end of the replaced model', () => {
    collectGarbage();
    return replaced.deref() === undefined;
  });
  watching.close();
});

test('close() restores the own session() of each model', () => {
  const watching = sessionsWith();
  const model = new openai.realtime.RealtimeModel({ apiKey: 'sk-test' });
  watching.watch(model);
  expect(Object.hasOwn(model, 'session')).toBe(true);
  watching.close();
  expect(Object.hasOwn(model, 'session')).toBe(false);
});
