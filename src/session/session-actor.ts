import type { ActorRefFrom } from 'xstate';
import type { sessionMachine } from '../machines/session.machine.ts';

/** The root actor of a session: an XState actor of `sessionMachine`. */
export interface SessionActor extends ActorRefFrom<typeof sessionMachine> {}
