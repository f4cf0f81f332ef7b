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

/** Longest machine config, in characters; a longer one is omitted. */
const MAX_DEFINITION = 256 * 1024;

/** Cached: configs do not change, and all stream actors share one. */
const definitions = new WeakMap<object, string>();

/** Converts XState's inspection event to a message; `undefined` for kinds without one. */
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

/** The actor's current state. */
export function actorToWire(actor: AnyActorRef, rootId: string, id: number): WireActor {
  const config = configOf(actor);
  // XState generates the id of a root; the id of its machine is more useful.
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

/** `undefined` during construction: xstate reports an actor before it has a state. */
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

/** A machine's config: XState keeps the argument of `createMachine` in `logic.config`. */
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
  // The input may be anything, and the chart does not need it.
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

/** Only the fields that a state consists of. */
export function pick(state: WireState): WireState {
  const picked: WireState = {};
  for (const field of FIELDS)
    if (state[field] !== undefined) Object.assign(picked, { [field]: state[field] });
  return picked;
}
