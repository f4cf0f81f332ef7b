import { EventEmitter } from 'node:events';
import type { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { askAgainAfterDrops } from '../../src/models/asked-again.ts';
import { ModelLife } from '../../src/models/model-life.ts';
import { deferred, settled } from '../../src/testing/simulated-clock.ts';

const LOST = { reason: 'lost', wasAnswering: false, isFinal: false };

/** A session of a plugin without a network, whose replies are never answered. */
class SilentSession extends EventEmitter {
  asked = 0;

  generateReply(): Promise<llm.GenerationCreatedEvent> {
    this.asked++;
    return new Promise(() => {});
  }
}

test('a reply that a lost connection left unanswered is repeated after the newest frame', async () => {
  const silent = new SilentSession();
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  life.opened();
  const frame = deferred<void>();
  let frames = 0;
  const session = silent as unknown as llm.RealtimeSession;
  askAgainAfterDrops(session, life, () => {
    frames++;
    return frame.promise;
  });
  void session.generateReply('Say what it is.');
  await settled();
  expect([silent.asked, frames]).toEqual([1, 0]);
  life.failed(LOST);
  await settled();
  expect([silent.asked, frames]).toEqual([1, 0]);
  life.opened();
  await settled();
  expect([silent.asked, frames]).toEqual([1, 1]);
  frame.resolve();
  await settled();
  expect([silent.asked, frames]).toEqual([2, 1]);
});
