import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rtcEngine } from './rtc-engine.ts';

/** Where rtc-node keeps its client of the native library. */
const CLIENT = '_ffiClientInstance';
/** Decides what the native library prints itself. */
const LEVEL = 'RUST_LOG';

/**
 * Imported for its effect: ends the log events of rtc-node's native library. rtc-node asks for each
 * line, down to the traces of the network code, and reads none: thousands of events a second in a
 * room on a server, which each room of the process handles. There is no option for it (0.13.35).
 *
 * With the environment variable `RUST_LOG`, such as `info`, the library prints its lines to standard
 * error.
 */
function stopNativeLogs(): void {
  // Another copy of this file; or a client, whose events could now arrive in another order.
  if (Object.hasOwn(globalThis, CLIENT)) return;
  const isSilent = process.env[LEVEL] === undefined;
  // The library reads it once, when the client is made.
  if (isSilent) process.env[LEVEL] = 'off';
  Object.defineProperty(globalThis, CLIENT, {
    configurable: true,
    get: () => undefined,
    set(client: unknown) {
      if (isSilent) delete process.env[LEVEL];
      Object.defineProperty(globalThis, CLIENT, {
        configurable: true,
        enumerable: true,
        writable: true,
        value: client,
      });
      startWithoutLogs();
    },
  });
}

/** Starts the engine again, as rtc-node did a moment before, but without the logs. */
function startWithoutLogs(): void {
  const engine = rtcEngine();
  if (!engine) return;
  const { client, bindings } = engine;
  const take = (data: Uint8Array) => client.emit('ffi_event', bindings.FfiEvent.fromBinary(data));
  bindings.livekitInitialize(take, false, versionOfRtcNode());
}

function versionOfRtcNode(): string {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@livekit/rtc-node')), '..');
  return require(join(folder, 'package.json')).version;
}

stopNativeLogs();
