import { describe, expect, test } from 'vitest';
import { camera, screenA } from '../support/machines/simulated-room.ts';
import { readySession, type SimulatedSession } from '../support/machines/simulated-session.ts';

const opened = { id: 'look/screen', selector: 'screen' } as const;
const children = (session: SimulatedSession) =>
  session.children().filter((id) => id.startsWith('source:'));

describe('a source that is opened for a look', () => {
  test('a source that is opened for a look stays until it is released, and the watched source stays', async () => {
    const session = await readySession();
    const followed = children(session);
    session.actor.send({ type: 'source.opened', source: opened });
    session.actor.send({ type: 'source.opened', source: opened });
    expect(children(session)).toEqual([...followed, 'source:look/screen']);
    expect(session.context().sources['look/screen']).toEqual({ pick: null, streamStatus: 'none' });
    session.actor.send({ type: 'source.released', sourceId: 'look/screen' });
    session.actor.send({ type: 'source.released', sourceId: 'look/screen' });
    expect(children(session)).toEqual(followed);
    expect(session.context()).toMatchObject({ opened: [] });
    expect(Object.keys(session.context().sources)).not.toContain('look/screen');
  });

  test('a pin does not move a source that is opened for a look, and off closes it', async () => {
    const session = await readySession();
    session.actor.send({ type: 'source.opened', source: opened });
    const source = () => {
      const child: unknown = session.actor.getSnapshot().children['source:look/screen'];
      return (child as { getSnapshot(): { value: unknown } } | undefined)?.getSnapshot().value;
    };
    session.room({ type: 'participant.linked', identity: 'user' });
    session.actor.send({ type: 'source.pinned', selector: 'camera' });
    session.room({ type: 'track.published', track: camera });
    session.room({ type: 'track.published', track: screenA });
    expect(session.context().sources['look/screen']?.pick?.sid).toBe('screenA');
    session.mode('off');
    expect(source()).toBe('closed');
  });

  test('a watched source cannot be released like one that is opened for a look', async () => {
    const session = await readySession();
    const [followed = ''] = Object.keys(session.context().sources);
    session.actor.send({ type: 'source.released', sourceId: followed });
    expect(Object.keys(session.context().sources)).toContain(followed);
  });

  test('a source that is opened for a look ends with the session', async () => {
    const session = await readySession();
    session.actor.send({ type: 'source.opened', source: opened });
    session.close();
    expect(children(session)).toEqual([]);
    expect(session.context().opened).toEqual([]);
  });
});
