import { createRequire } from 'node:module';

/** Global variable through which the inspector reads a class. */
const WAITING = 'sightlineClassFile';

/**
 * The file from which a class was loaded; `undefined` if it cannot be found. It lists every script
 * of the process, which is too slow for anything but an error message.
 *
 * V8's `[[FunctionLocation]]`, through Node's inspector: JavaScript has no API for it.
 */
export function classFile(type: object): string | undefined {
  try {
    // Loaded on demand: a Node without an inspector throws here.
    const { Session } = createRequire(import.meta.url)(
      'node:inspector',
    ) as typeof import('node:inspector');
    const session = new Session();
    const files = new Map<string, string>();
    let file: string | undefined;
    session.connect();
    try {
      session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
      session.post('Debugger.enable');
      Reflect.set(globalThis, WAITING, type);
      session.post('Runtime.evaluate', { expression: WAITING }, (_, answer) => {
        const { objectId } = answer.result;
        if (!objectId) return;
        session.post('Runtime.getProperties', { objectId }, (_, { internalProperties }) => {
          const location = internalProperties?.find(({ name }) => name === '[[FunctionLocation]]');
          const at = location?.value?.value as { scriptId?: string } | undefined;
          file = at?.scriptId === undefined ? undefined : files.get(at.scriptId);
        });
      });
    } finally {
      Reflect.deleteProperty(globalThis, WAITING);
      session.disconnect();
    }
    return file || undefined;
  } catch {
    return undefined;
  }
}
