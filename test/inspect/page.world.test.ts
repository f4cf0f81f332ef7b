import { describe, expect, test } from 'vitest';

// The page is JavaScript of a browser, which has no types here.
const FILE: string = '../../src/inspect/page/world.js';
const { labelOf, machineOf, tree, World } = await import(FILE);

interface Actor {
  id: string;
  name: string;
  status: string;
  seq: number;
  event: string;
  entered: string[];
}

const actor = (sessionId: string, parentId?: string, more: object = {}) => ({
  type: '@xstate.actor',
  sessionId,
  name: sessionId,
  parentId,
  ...more,
});
const snapshot = (sessionId: string, value: unknown, more: object = {}, type = 'go') => ({
  type: '@xstate.snapshot',
  sessionId,
  event: { type },
  snapshot: { value, ...more },
});

function worldOf(...events: object[]) {
  const world = new World();
  for (const [index, event] of events.entries()) world.fold(index + 1, event);
  const get = (id: string): Actor | undefined => world.actors.get(id);
  return { world, get };
}

describe('the actors on the page of the inspector', () => {
  test('an actor begins active without an event, or with the state that it reports', () => {
    const { get } = worldOf(
      actor('a', undefined, { definition: '{}' }),
      actor('b', 'a', { snapshot: { status: 'done', value: 'end' } }),
    );
    expect(get('a')).toEqual({
      ...{ id: 'a', name: 'a', parentId: undefined, definition: '{}', status: 'active' },
      ...{ state: {}, event: '', seq: 1, entered: [] },
    });
    expect(get('b')).toMatchObject({ status: 'done', state: { value: 'end' }, parentId: 'a' });
  });

  test('a snapshot returns the states that were left and entered, and the end', () => {
    const { world, get } = worldOf(actor('a'), snapshot('a', { on: 'dim' }));
    expect(world.fold(3, snapshot('a', { on: 'full' }, {}, 'brighter'))).toEqual({
      from: ['on.dim'],
      to: ['on.full'],
      status: null,
    });
    expect(get('a')).toMatchObject({ seq: 3, event: 'brighter', entered: ['on.full'] });
    expect(world.fold(4, snapshot('a', { on: 'full' }))).toBeNull();
    expect(get('a')?.entered).toEqual([]);
    expect(world.fold(5, snapshot('a', { on: 'full' }, { status: 'done' }))).toEqual({
      from: [],
      to: [],
      status: 'done',
    });
    expect(world.fold(6, snapshot('a', {}, { status: 'done' }))).toMatchObject({
      from: ['on.full'],
      status: null,
    });
  });

  test('an actor whose start was missed is known by its id', () => {
    const { world, get } = worldOf();
    expect(world.fold(1, snapshot('x', 'on'))).toEqual({ from: [], to: ['on'], status: null });
    expect(get('x')).toMatchObject({ id: 'x', name: 'x', status: 'active', seq: 1 });
  });

  test('metrics replace the metrics, and an event changes no actor', () => {
    const { world } = worldOf(actor('a'));
    const before = world.actors.get('a');
    expect(world.metrics).toBeNull();
    expect(world.fold(2, { type: '@sightline.metrics', metrics: { turns: 1 } })).toBeNull();
    expect(world.fold(3, { type: '@xstate.event', sessionId: 'a' })).toBeNull();
    expect(world.metrics).toEqual({ turns: 1 });
    expect(world.actors.get('a')).toBe(before);
  });

  test('children that a parent no longer lists have stopped, with their own children', () => {
    const { get } = worldOf(
      actor('a'),
      actor('kept', 'a'),
      actor('gone', 'a'),
      actor('grandchild', 'gone'),
      actor('other', 'x'),
      snapshot('a', 'on', { children: { kept: {} } }),
    );
    expect(get('gone')).toMatchObject({ name: 'gone', status: 'stopped', seq: 6, entered: [] });
    expect(get('grandchild')).toMatchObject({ status: 'stopped', seq: 6 });
    expect([get('kept'), get('other'), get('a')].map((one) => one?.status)).toEqual([
      'active',
      'active',
      'active',
    ]);
  });

  test('the end of a parent stops its children, and a snapshot without a list does not', () => {
    const { world, get } = worldOf(actor('a'), actor('b', 'a'), snapshot('a', 'on'));
    expect(get('b')?.status).toBe('active');
    world.fold(4, snapshot('a', 'on', { status: 'error' }));
    expect(get('b')?.status).toBe('stopped');
    world.fold(5, snapshot('a', 'on', { status: 'error' }));
    expect(get('b')?.seq).toBe(4);
  });

  test('the last 60 actors that ended stay, and the oldest of 2000 go', () => {
    const done = { snapshot: { status: 'done' } };
    const ended = Array.from({ length: 61 }, (_, at) => actor(`ended ${at}`, undefined, done));
    const { world, get } = worldOf(actor('live'), ...ended);
    expect(world.actors.size).toBe(61);
    expect([get('ended 0'), get('ended 1')?.id, get('live')?.id]).toEqual([
      undefined,
      'ended 1',
      'live',
    ]);
    const many = worldOf(...Array.from({ length: 2001 }, (_, at) => actor(`a${at}`)));
    expect(many.world.actors.size).toBe(2000);
    expect([many.get('a0'), many.get('a1')?.id]).toEqual([undefined, 'a1']);
  });

  test('a copy of a world does not change with it', () => {
    const { world } = worldOf(actor('a'), { type: '@sightline.metrics', metrics: { turns: 1 } });
    const copy = new World(world);
    world.fold(3, snapshot('a', 'on'));
    expect(copy.metrics).toEqual({ turns: 1 });
    expect(copy.actors.get('a')).toMatchObject({ seq: 1 });
  });
});

describe('the tree of the actors', () => {
  const rows = (world: unknown) =>
    tree(world).map(
      ({ actor: { id }, level }: { actor: Actor; level: number }) => `${level} ${id}`,
    );

  test('parents come before their children, and live actors before ended ones', () => {
    const { world } = worldOf(
      actor('a'),
      actor('a1', 'a'),
      actor('a2', 'a'),
      actor('a21', 'a2'),
      actor('b'),
      actor('orphan', 'unknown'),
      snapshot('a1', 'x', { status: 'done' }),
    );
    expect(rows(world)).toEqual(['1 a', '2 a2', '3 a21', '2 a1', '1 b', '1 orphan']);
  });

  test('an actor that is its own parent does not hang the page', () => {
    const { world } = worldOf(actor('a'), actor('loop', 'loop'), actor('', ''));
    expect(rows(world)).toContain('1 a');
  });

  test('an actor without an id of its own is named by its source', () => {
    const definition = JSON.stringify({
      id: 'my.session',
      invoke: { src: 'root' },
      states: { open: { states: { starting: { invoke: [{ src: 'a' }, { src: 'b' }] } } } },
    });
    const named = (name: string, parent: object = { definition }) => {
      const { world } = worldOf(actor('p', undefined, parent), actor('c', 'p', { name }));
      return labelOf(world.actors.get('c'), world);
    };
    expect(named('1.my.session.open.starting')).toBe('b');
    expect(named('0.my.session.open.starting')).toBe('a');
    expect(named('0.my.session')).toBe('root');
    for (const own of ['look', '2.my.session.open.starting', '0.my.session.closed'])
      expect(named(own)).toBe(own);
    expect(named('0.my.session', {})).toBe('0.my.session');
    const { world } = worldOf(actor('c', undefined, { name: '0.x' }));
    expect(labelOf(world.actors.get('c'), world)).toBe('0.x');
    expect(machineOf({ definition: '{}' })).toBeNull();
    expect(machineOf({ definition })).toMatchObject({ id: 'my.session' });
  });
});
