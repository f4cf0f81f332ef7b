/** A name of a method of `T`. */
type MethodOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/**
 * Replaces a method of this one object. `make` gets the original: the object's own method, or the
 * current one of its class at each call.
 *
 * @returns a function that restores it. A method that the application set meanwhile stays.
 */
export function overrideMethod<T extends object, K extends MethodOf<T>>(
  target: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  const own = Object.hasOwn(target, name) ? target[name] : undefined;
  const inherited = (...args: unknown[]) =>
    (Object.getPrototypeOf(target) as Record<K, (...given: unknown[]) => unknown>)[name].apply(
      target,
      args,
    );
  const ours = make(own ?? (inherited as T[K]));
  target[name] = ours;
  return () => {
    if (target[name] !== ours) return;
    if (own) target[name] = own;
    else Reflect.deleteProperty(target, name);
  };
}
