import type { GetStatsCallback } from '@livekit/rtc-ffi-bindings';
import type { RemoteTrack } from '@livekit/rtc-node';
import { limitSignal } from '../time-limit.ts';
import { rtcEngine } from './rtc-engine.ts';

/** How long the engine may take to return the statistics of a track, in ms. */
const STATS_LIMIT_MS = 2000;

/** Clocks of tracks without a network, for tests. */
const clocks = new WeakMap<object, () => number | undefined>();

/** Makes {@link lastPacketAt} use this clock for the track. */
export function setPacketClock(track: object, lastPacketAt: () => number | undefined): void {
  clocks.set(track, lastPacketAt);
}

/**
 * Wall-clock time of the last packet of a remote track, in ms. rtc-node's public statistics cover
 * whole rooms, and do not identify tracks.
 *
 * @returns `undefined` if no packet arrived yet, or this version does not report it.
 */
export async function lastPacketAt(track: RemoteTrack): Promise<number | undefined> {
  const clock = clocks.get(track);
  if (clock) return clock();
  const { client, bindings } = rtcEngine() ?? {};
  if (!client?.waitFor || !client.getNextRequestAsyncId) return undefined;
  if (typeof bindings?.GetStatsRequest !== 'function') return undefined;
  const requestAsyncId = client.getNextRequestAsyncId();
  client.request({
    message: {
      case: 'getStats',
      value: new bindings.GetStatsRequest({
        trackHandle: track.ffi_handle.handle,
        requestAsyncId,
      }),
    },
  });
  // After the request, so that nothing waits if the engine refuses it. Answers come as events.
  const late = limitSignal(STATS_LIMIT_MS);
  const answer = client.waitFor(
    ({ message }) => message.case === 'getStats' && message.value.asyncId === requestAsyncId,
    { signal: late.signal },
  );
  const { stats } = (await answer.finally(late.clear)) as GetStatsCallback;
  for (const { stats: figures } of stats)
    if (figures.case === 'inboundRtp')
      return figures.value.inbound?.lastPacketReceivedTimestamp || undefined;
  return undefined;
}
