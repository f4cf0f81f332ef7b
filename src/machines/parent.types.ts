import type { ActorRef, EventObject, Snapshot } from 'xstate';

/** The actor that spawned a machine and gets its reports. It is part of the input. */
export type Parent<Report extends EventObject> = ActorRef<Snapshot<unknown>, Report>;
