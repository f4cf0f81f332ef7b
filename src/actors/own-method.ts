/** A name of a method of `T`. */
type MethodOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/** One override of a method; another one may lie on top of it. */
interface Layer {
  isStopped: boolean;
  /** Puts back what was there before. */
  uncover(): void;
}

/** The layers by their methods. */
const layers = new WeakMap<object, Layer>();

/**
 * Replaces a method of this one object. `make` gets the original: the object's own method, or the
 * current one of its class at each call. Several overrides of a method stop in any order.
 *
 * @returns a function that restores it. A method that the application set meanwhile stays, and
 * calls the original from then on.
 */
export function overrideMethod<T extends object, K extends MethodOf<T>>(
  target: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  type Method = (...args: unknown[]) => unknown;
  const own = Object.hasOwn(target, name) ? target[name] : undefined;
  const inherited: Method = (...args) =>
    (Object.getPrototypeOf(target) as Record<K, Method>)[name].apply(target, args);
  const original = (own ?? inherited) as T[K] & Method;
  const made = make(original) as T[K] & Method;
  const layer: Layer = {
    isStopped: false,
    uncover() {
      if (own) target[name] = own;
      else Reflect.deleteProperty(target, name);
    },
  };
  const ours: Method = (...args) => (layer.isStopped ? original : made).apply(target, args);
  layers.set(ours, layer);
  target[name] = ours as T[K];
  return () => {
    layer.isStopped = true;
    for (let top = topLayer(target, name); top?.isStopped; top = topLayer(target, name))
      top.uncover();
  };
}

/** `undefined` if the object's own method is none of ours, or if it has none. */
function topLayer<T extends object>(target: T, name: keyof T): Layer | undefined {
  const own = Object.hasOwn(target, name) ? target[name] : undefined;
  return typeof own === 'function' ? layers.get(own) : undefined;
}
