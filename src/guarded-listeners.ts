import type { AnyActorRef, Observer } from 'xstate';
import { notify } from './notify.ts';

type Listener = (value: never) => unknown;

/**
 * Catches what listeners of an actor throw, in `on` and `subscribe`. xstate would rethrow it
 * asynchronously, out of reach of any handler, and the process would end.
 */
export function guardListeners(actor: AnyActorRef, onError: (error: unknown) => void): void {
  const guarded = (listener: Listener) => (value: never) => notify(listener, value, onError);
  const on = actor.on.bind(actor) as (type: string, listener: Listener) => unknown;
  const subscribe = actor.subscribe.bind(actor) as (observer: Observer<never>) => unknown;
  Object.assign(actor, {
    on: (type: string, listener: Listener) => on(type, guarded(listener)),
    subscribe: (next?: Listener | Observer<never>, error?: Listener, complete?: () => unknown) => {
      const observer = typeof next === 'object' ? next : { next, error, complete };
      const bound = (name: 'next' | 'error' | 'complete') => {
        const listener = observer[name] as Listener | undefined;
        return listener && { [name]: guarded(listener.bind(observer)) };
      };
      return subscribe({ ...bound('next'), ...bound('error'), ...bound('complete') });
    },
  });
}
