import { createRequire } from 'node:module';
import type * as Bindings from '@livekit/rtc-ffi-bindings';

/** The copy of the bindings that rtc-node itself loads. */
export const bindings: typeof Bindings = createRequire(
  createRequire(import.meta.url).resolve('@livekit/rtc-node'),
)('@livekit/rtc-ffi-bindings');

/** rtc-node's client of its native library. */
export interface Client {
  listenerCount(event: string): number;
  on(event: 'ffi_event', listener: (event: Bindings.FfiEvent) => void): void;
  off(event: 'ffi_event', listener: (event: Bindings.FfiEvent) => void): void;
}

export const client = () =>
  (globalThis as unknown as { _ffiClientInstance: Client })._ffiClientInstance;
