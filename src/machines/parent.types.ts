import type { ActorRef, EventObject, Snapshot } from 'xstate';

/** Who gets a machine's reports: the actor that made it. It comes with the input. */
export type Parent<Report extends EventObject> = ActorRef<Snapshot<unknown>, Report>;
