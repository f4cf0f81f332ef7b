import { expect, test } from 'vitest';
import { playStories } from '../../../tools/stories/run.ts';

test('stories on a server fail at once if there is none, with the option and the remedies', async () => {
  const options = { minutes: 1, seed: 7, workers: 1, masks: false, server: true };
  const events = { say: () => {}, onFailure: () => {}, onUnmeasured: () => {} };
  const played = playStories(options, events, async () => undefined);
  await expect(played).rejects.toThrow(/^--server needs a LiveKit server: take one of these ways/);
});
