import { expect, test } from 'vitest';
import { OpenedSources } from '../../src/session/opened-sources.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';

test('a source that two looks share is open until the end of the last one', async () => {
  const sent: string[] = [];
  const actor = {
    getSnapshot: () => ({ status: 'active' }),
    send: ({ type }: { type: string }) => sent.push(type),
  } as unknown as SessionActor;
  const opened = new OpenedSources(actor);
  const ends: (() => void)[] = [];
  const look = () =>
    opened.use('screen', () => new Promise<void>((resolve) => void ends.push(resolve)));
  for (let round = 1; round <= 2; round++) {
    const looks = [look(), look(), look()];
    expect(sent).toEqual(['source.opened']);
    for (const [index, end] of ends.splice(0).entries()) {
      expect(sent).toEqual(['source.opened']);
      end();
      await looks[index];
    }
    expect(sent.splice(0)).toEqual(['source.opened', 'source.released']);
  }
});
