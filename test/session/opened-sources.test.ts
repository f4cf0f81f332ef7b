import { expect, test } from 'vitest';
import { OpenedSources } from '../../src/session/opened-sources.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';

/** The sources of a session, and the types of the events that its machine gets. */
function stage() {
  const sent: string[] = [];
  const state = { status: 'active' };
  const opened = new OpenedSources({
    getSnapshot: () => state,
    send: ({ type }: { type: string }) => sent.push(type),
  } as unknown as SessionActor);
  return { opened, sent, state };
}

test('a source that two looks share is open until the end of the last one', async () => {
  const { opened, sent } = stage();
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

test('looks at the camera and the screen of one participant open a source each', async () => {
  const { opened, sent } = stage();
  const look = (source?: 'camera' | 'screen') =>
    opened.use({ identity: 'ada', ...(source && { source }) }, async (id) => id);
  const ids = await Promise.all([look('camera'), look('screen'), look()]);
  expect(new Set(ids).size).toBe(3);
  expect(sent.filter((type) => type === 'source.opened')).toHaveLength(3);
});

test('a look that ends after its session sends nothing to the machine, which would print a warning', async () => {
  const { opened, sent, state } = stage();
  await opened.use('screen', async () => {
    state.status = 'done';
  });
  expect(sent).toEqual(['source.opened']);
});

test('a source is released after a look that fails', async () => {
  const { opened, sent } = stage();
  const failure = new Error('no frame');
  await expect(opened.use('screen', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(sent).toEqual(['source.opened', 'source.released']);
});
