import { createRequire } from 'node:module';
import type { FfiEvent, FfiRequest } from '@livekit/rtc-ffi-bindings';

/**
 * Access to rtc-node's native library below its public API, for the other `rtc-*` files. Each use
 * has a reason, and the test of the same name in `test/internals/` fails if the installed version
 * lacks what the file needs.
 */

/** rtc-node's client of the native library. It is not exported, but stored on `globalThis`. */
export interface FfiClient {
  request(request: { message: FfiRequest['message'] }): unknown;
  copyBuffer(pointer: bigint, length: number): Uint8Array;
  waitFor?(
    wanted: (event: FfiEvent) => boolean,
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  getNextRequestAsyncId?(): bigint;
  on(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
  off(event: 'ffi_event', listener: (event: FfiEvent) => void): void;
  emit(event: 'ffi_event', content: FfiEvent): void;
}

type Bindings = typeof import('@livekit/rtc-ffi-bindings');

/** rtc-node's engine, below its public API. */
export interface Engine {
  client: FfiClient;
  bindings: Bindings;
}

/**
 * The client and the copy of the bindings that rtc-node itself uses, because another copy would
 * start a second engine. `undefined` if this version has others.
 */
export function rtcEngine(): Engine | undefined {
  const client = (globalThis as { _ffiClientInstance?: Partial<FfiClient> })._ffiClientInstance;
  if (typeof client?.request !== 'function' || typeof client.copyBuffer !== 'function')
    return undefined;
  try {
    const here = createRequire(import.meta.url);
    const bindings: Bindings = createRequire(here.resolve('@livekit/rtc-node'))(
      '@livekit/rtc-ffi-bindings',
    );
    const usable = [bindings.FfiHandle, bindings.NewVideoStreamRequest].every(
      (part) => typeof part === 'function',
    );
    return usable ? { client: client as FfiClient, bindings } : undefined;
  } catch {
    return undefined;
  }
}
