/** By the function, so that a processor that was given another one is not among them. */
const KEEPS_NOTHING = new WeakSet<object>();

/**
 * Marks a processor of Sightline that keeps no frame, and calls no function of the application with
 * one. What it returns needs no copy, which would take most of its time.
 */
export function keepsNothing<P extends { readonly process: object }>(processor: P): P {
  KEEPS_NOTHING.add(processor.process);
  return processor;
}

/** Whether the processor was marked by {@link keepsNothing}. */
export const doesKeepNothing = ({ process }: { readonly process: object }): boolean =>
  KEEPS_NOTHING.has(process);
