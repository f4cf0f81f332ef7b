import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import type { WatchEvent } from '../../src/machines/watch.types.ts';
import { floorEvents } from '../../src/watch/floor.ts';

const { UserStateChanged, AgentStateChanged } = voice.AgentSessionEventTypes;

afterEach(() => vi.useRealTimers());

/** The floor of a session, as a watch hears of it. */
function floorOf(userState = 'away') {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const session = Object.assign(new EventEmitter(), { userState, agentState: 'listening' });
  const heard: WatchEvent['type'][] = [];
  const machine = setup({
    types: { events: {} as WatchEvent },
    actors: { floor: floorEvents(session as unknown as voice.AgentSession) },
  }).createMachine({
    invoke: { src: 'floor' },
    on: { '*': { actions: ({ event }) => heard.push(event.type) } },
  });
  const actor = createActor(machine).start();
  const agentIs = (agentState: string) => {
    session.agentState = agentState;
    session.emit(AgentStateChanged);
  };
  return { session, heard, actor, agentIs };
}

test('the floor is free only after a second of silence', () => {
  const { heard, actor, agentIs } = floorOf();
  agentIs('thinking');
  expect(heard).toEqual(['floor.taken']);
  agentIs('speaking');
  agentIs('listening');
  vi.advanceTimersByTime(999);
  expect(heard).toEqual(['floor.taken']);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual(['floor.taken', 'floor.free']);
  actor.stop();
});

test('a watch that ends leaves no listener and no timer at its session', () => {
  const { session, heard, actor, agentIs } = floorOf();
  agentIs('speaking');
  agentIs('listening');
  actor.stop();
  expect(session.listenerCount(UserStateChanged)).toBe(0);
  expect(session.listenerCount(AgentStateChanged)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(heard).toEqual(['floor.taken']);
});

test('the floor is taken while the user speaks, from the start, and a word during the silence takes it on', () => {
  const { session, heard, actor, agentIs } = floorOf('speaking');
  expect(heard).toEqual(['floor.taken']);
  const userIs = (userState: string) => {
    session.userState = userState;
    session.emit(UserStateChanged);
  };
  userIs('listening');
  vi.advanceTimersByTime(900);
  userIs('speaking');
  vi.advanceTimersByTime(5000);
  expect(heard).toEqual(['floor.taken', 'floor.taken']);
  agentIs('speaking');
  userIs('listening');
  vi.advanceTimersByTime(5000);
  expect(heard).toHaveLength(2);
  agentIs('listening');
  vi.advanceTimersByTime(1000);
  expect(heard.at(-1)).toBe('floor.free');
  actor.stop();
});

test('a watch without a session has the floor', () => {
  const heard: string[] = [];
  const machine = setup({
    types: { events: {} as WatchEvent },
    actors: { floor: floorEvents(undefined) },
  }).createMachine({
    invoke: { src: 'floor' },
    on: { '*': { actions: ({ event }) => heard.push(event.type) } },
  });
  createActor(machine).start().stop();
  expect(heard).toEqual([]);
});
