import type { AnyActorRef, InspectionEvent } from 'xstate';
import { withoutSecrets } from '../secrets.ts';
import { plain } from './plain.ts';
import {
  WIRE_VERSION,
  type WireActor,
  type WireEvent,
  type WirePayload,
  type WireState,
} from './wire.ts';

/** A machine's config is this long at most, in characters; a longer one is left out. */
const MAX_DEFINITION = 256 * 1024;

/** Configs do not change, and each stream has an actor of the same one. */
const definitions = new WeakMap<object, string>();

/** XState's inspection event as a message; nothing for the kinds that have none. */
export function toWire(event: InspectionEvent, id: number): WireEvent | undefined {
  const { rootId } = event;
  const { sessionId } = event.actorRef;
  switch (event.type) {
    case '@xstate.actor':
      return actorToWire(event.actorRef as AnyActorRef, rootId, id);
    case '@xstate.event': {
      const sourceId = event.sourceRef?.sessionId;
      return {
        type: '@xstate.event',
        ...stamp(sessionId, rootId, id),
        event: payload(event.event),
        ...(sourceId === undefined ? {} : { sourceId }),
      };
    }
    case '@xstate.snapshot':
      return {
        type: '@xstate.snapshot',
        ...stamp(sessionId, rootId, id),
        event: payload(event.event),
        snapshot: stateOf(event.snapshot),
      };
    default:
      return undefined;
  }
}

/** An actor as it is now. */
export function actorToWire(actor: AnyActorRef, rootId: string, id: number): WireActor {
  const config = configOf(actor);
  // The id that XState makes up for a root says nothing; its machine's does.
  const named = actor.id !== actor.sessionId;
  const name = named || typeof config?.id !== 'string' ? actor.id : config.id;
  const parentId = (actor as { _parent?: AnyActorRef })._parent?.sessionId;
  const snapshot = snapshotOf(actor);
  return {
    type: '@xstate.actor',
    ...stamp(actor.sessionId, rootId, id),
    name: withoutSecrets(name),
    ...(parentId === undefined ? {} : { parentId }),
    definition: config ? definitionOf(config) : JSON.stringify({ id: withoutSecrets(name) }),
    ...(snapshot === undefined ? {} : { snapshot: stateOf(snapshot) }),
  };
}

/** Undefined while the actor is being made: xstate tells of it before it has a state. */
export function snapshotOf(actor: AnyActorRef): unknown {
  try {
    return actor.getSnapshot();
  } catch {
    return undefined;
  }
}

export function stamp(sessionId: string, rootId: string | undefined, id: number) {
  return {
    sessionId,
    ...(rootId === undefined ? {} : { rootId }),
    createdAt: String(Date.now()),
    id: String(id),
    _version: WIRE_VERSION,
  };
}

/** Of a machine: `logic.config` is where XState keeps what `createMachine` was given. */
function configOf(actor: AnyActorRef): Record<string, unknown> | undefined {
  const { logic } = actor as { logic?: { config?: unknown; root?: unknown } };
  const config = logic?.root === undefined ? undefined : logic.config;
  return typeof config === 'object' && config !== null
    ? (config as Record<string, unknown>)
    : undefined;
}

function definitionOf(config: Record<string, unknown>): string {
  const known = definitions.get(config);
  if (known !== undefined) return known;
  // The input of an actor may be anything, and no picture needs it.
  const { context: _, ...drawn } = config;
  const json = JSON.stringify(plain(drawn));
  const text = json.length > MAX_DEFINITION ? JSON.stringify({ id: plain(config.id) }) : json;
  definitions.set(config, text);
  return text;
}

const payload = (event: { type: string }): WirePayload => {
  const copy = plain(event) as Record<string, unknown>;
  return { ...copy, type: withoutSecrets(event.type) };
};

const stateOf = (snapshot: unknown): WireState =>
  typeof snapshot === 'object' && snapshot !== null ? pick(plain(snapshot) as WireState) : {};

const FIELDS = ['status', 'value', 'context', 'children', 'output', 'error'] as const;

/** What a state is told by, and no more. */
export function pick(state: WireState): WireState {
  const picked: WireState = {};
  for (const field of FIELDS)
    if (state[field] !== undefined) Object.assign(picked, { [field]: state[field] });
  return picked;
}
