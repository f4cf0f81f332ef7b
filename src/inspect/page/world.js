/** @import { WireEvent, WireState } from '../wire.ts' */
import { definitionOf, leaves } from './values.js';

/**
 * An actor at a moment. Immutable: each change makes a new object.
 * @typedef {object} Actor
 * @property {string} id
 * @property {string} name
 * @property {string | undefined} parentId
 * @property {string | undefined} definition
 * @property {string} status `active`, `done`, `error`, or `stopped` by its parent.
 * @property {WireState} state
 * @property {string} event Type of its last event.
 * @property {number} seq Number of its last change.
 * @property {readonly string[]} entered Innermost states that it entered at its last change.
 */

/** Ended actors that stay in the tree. */
const MAX_ENDED = 60;
/** Limit of all actors, the same as the server's. The oldest are dropped first. */
const MAX_ACTORS = 2000;

/** All actors at a moment. */
export class World {
  /** @type {Map<string, Actor>} */
  actors;
  /** @type {Record<string, unknown> | null} */
  metrics;

  /** @param {World} [from] */
  constructor(from) {
    this.actors = new Map(from?.actors);
    this.metrics = from?.metrics ?? null;
  }

  /**
   * Applies one event. Returns what changed in the actor's innermost states.
   * @param {number} seq
   * @param {WireEvent} event
   * @returns {{ from: string[], to: string[], status: string | null } | null}
   */
  fold(seq, event) {
    if (event.type === '@sightline.metrics') this.metrics = event.metrics;
    if (event.type === '@xstate.actor') this.#add(seq, event);
    if (event.type !== '@xstate.snapshot') return null;
    const { sessionId, snapshot } = event;
    const before = this.actors.get(sessionId) ?? unknownActor(sessionId);
    const old = leaves(before.state.value);
    const now = leaves(snapshot.value);
    const entered = now.filter((state) => !old.includes(state));
    const status = snapshot.status ?? 'active';
    this.actors.set(sessionId, {
      ...before,
      status,
      state: snapshot,
      event: event.event.type,
      seq,
      entered,
    });
    if (snapshot.children) this.#keepChildren(seq, sessionId, Object.keys(snapshot.children));
    if (status !== 'active') this.#keepChildren(seq, sessionId, []);
    const left = old.filter((state) => !now.includes(state));
    const ended = status === before.status ? null : status;
    return left.length > 0 || entered.length > 0 || ended
      ? { from: left, to: entered, status: ended }
      : null;
  }

  /** @param {number} seq @param {import('../wire.ts').WireActor} event */
  #add(seq, { sessionId, name, parentId, definition, snapshot }) {
    this.actors.set(sessionId, {
      id: sessionId,
      name,
      parentId,
      definition,
      status: snapshot?.status ?? 'active',
      state: snapshot ?? {},
      event: '',
      seq,
      entered: [],
    });
    this.#forgetEnded();
  }

  /**
   * A child that its parent no longer lists has ended. Callback actors do not report their end.
   * @param {number} seq
   * @param {string} parentId
   * @param {string[]} names
   */
  #keepChildren(seq, parentId, names) {
    for (const actor of this.actors.values()) {
      if (actor.parentId !== parentId || actor.status !== 'active' || names.includes(actor.name))
        continue;
      this.actors.set(actor.id, { ...actor, status: 'stopped', seq, entered: [] });
      this.#keepChildren(seq, actor.id, []);
    }
  }

  #forgetEnded() {
    const ended = [...this.actors.values()].filter(({ status }) => status !== 'active');
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED)))
      this.actors.delete(id);
    for (const id of this.actors.keys()) {
      if (this.actors.size <= MAX_ACTORS) break;
      this.actors.delete(id);
    }
  }
}

/** @param {string} id @returns {Actor} */
const unknownActor = (id) => ({
  id,
  name: id,
  parentId: undefined,
  definition: undefined,
  status: 'active',
  state: {},
  event: '',
  seq: 0,
  entered: [],
});

/**
 * The actors as rows: parents before their children, with their depth.
 * @param {World} world
 * @returns {{ actor: Actor, level: number }[]}
 */
export function tree({ actors }) {
  /** @type {Map<string, Actor[]>} */
  const children = new Map();
  for (const actor of actors.values()) {
    const parent = actor.parentId !== undefined && actors.has(actor.parentId) ? actor.parentId : '';
    const list = children.get(parent);
    if (list) list.push(actor);
    else children.set(parent, [actor]);
  }
  /** @type {{ actor: Actor, level: number }[]} */
  const rows = [];
  const add = (/** @type {string} */ parent, /** @type {number} */ level) => {
    // Live actors first, otherwise in the order of their creation.
    const list = (children.get(parent) ?? []).toSorted((a, b) => ended(a) - ended(b));
    for (const actor of list) {
      rows.push({ actor, level });
      // An actor that names itself as its parent is not in the tree.
      if (level < 50) add(actor.id, level + 1);
    }
  };
  add('', 1);
  return rows;
}

/**
 * The name for the page. An actor that is invoked without an id has a generated one, such as
 * `0.session.open.starting`, so its source is shown instead.
 * @param {Actor} actor
 * @param {World} world
 */
export function labelOf({ name, parentId }, { actors }) {
  const [, index, path] = /^(\d+)\.(.+)$/.exec(name) ?? [];
  const parent = parentId === undefined ? undefined : actors.get(parentId);
  const machine = parent && machineOf(parent);
  if (index === undefined || path === undefined || !machine) return name;
  /** @type {import('./values.js').Definition | undefined} */
  let state = machine;
  // A machine's id may contain dots.
  const inside = path.slice((machine.id ?? '').length + 1);
  for (const key of inside.split('.').filter(Boolean)) state = state?.states?.[key];
  const invoke = [state?.invoke].flat()[Number(index)];
  return typeof invoke?.src === 'string' ? invoke.src : name;
}

/** @param {Actor} actor */
const ended = ({ status }) => (status === 'active' ? 0 : 1);

/** @param {Actor} actor */
export function machineOf({ definition }) {
  const parsed = definitionOf(definition);
  return parsed?.states ? parsed : null;
}

/** @param {World} world @returns {Set<string>} Ids of the machines that run. */
export function machinesIn({ actors }) {
  const active = [...actors.values()].filter(({ status }) => status === 'active');
  return new Set(active.flatMap((actor) => machineOf(actor)?.id ?? []));
}

/**
 * The newest actor of a machine, one that runs if there is one.
 * @param {string} machine @param {World} world
 */
export function newestOf(machine, { actors }) {
  const all = [...actors.values()].filter((actor) => machineOf(actor)?.id === machine);
  return all.findLast(({ status }) => status === 'active') ?? all.at(-1);
}
