import {
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventObject,
  fromCallback,
  type InputFrom,
} from 'xstate';
import type { Parent } from '../../../src/machines/parent.types.ts';

/** The reports of a machine: to its parent, or by `emit` if it has none. */
export type ReportFrom<M extends AnyStateMachine> =
  InputFrom<M> extends { parent: Parent<infer Report> } ? Report : EmittedFrom<M>;

/** The input of a machine without its parent: what a test sets. */
export type SettingsFrom<M extends AnyStateMachine> = Omit<InputFrom<M>, 'parent'>;

/** Machines without a parent machine: they emit. */
export const EMITTING: readonly string[] = ['session', 'watch'];

/** A parent that passes its reports on. */
export function listeningParent<Report extends EventObject>(
  hears: (report: Report) => void,
): Parent<Report> {
  const logic = fromCallback<Report>(({ receive }) => receive(hears));
  return createActor(logic, { id: 'parent' }).start();
}

/** For tests that ignore the reports, and for pure ones, in which nothing is sent. */
export const PARENT = listeningParent<EventObject>(() => {});

/** A complete input: the settings, and the parent of a machine that has one. */
export function inputOf<M extends AnyStateMachine>(
  machine: M,
  settings: SettingsFrom<M>,
  parent = PARENT,
): InputFrom<M> {
  return (EMITTING.includes(machine.id) ? settings : { ...settings, parent }) as InputFrom<M>;
}
