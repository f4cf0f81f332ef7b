import type { GetStatsCallback } from '@livekit/rtc-ffi-bindings';
import type { RemoteTrack } from '@livekit/rtc-node';
import { rtcEngine } from './rtc-engine.ts';

/** How long the engine may take to give the figures of a track, in ms. */
const STATS_LIMIT_MS = 2000;

/** Of tracks that come over no network: a test's. */
const clocks = new WeakMap<object, () => number | undefined>();

/** Has {@link lastPacketAt} ask this clock for the track. */
export function setPacketClock(track: object, lastPacketAt: () => number | undefined): void {
  clocks.set(track, lastPacketAt);
}

/**
 * When the last packet of a remote track came, as a time of day in ms. rtc-node gives figures of
 * whole rooms only, in which no track can be found again.
 *
 * @returns `undefined` where none came yet, or this version cannot tell.
 */
export async function lastPacketAt(track: RemoteTrack): Promise<number | undefined> {
  const clock = clocks.get(track);
  if (clock) return clock();
  const { client, bindings } = rtcEngine() ?? {};
  if (!client?.waitFor || !client.getNextRequestAsyncId) return undefined;
  if (typeof bindings?.GetStatsRequest !== 'function') return undefined;
  const requestAsyncId = client.getNextRequestAsyncId();
  const answer = client.waitFor(
    ({ message }) => message.case === 'getStats' && message.value.asyncId === requestAsyncId,
    { signal: AbortSignal.timeout(STATS_LIMIT_MS) },
  );
  client.request({
    message: {
      case: 'getStats',
      value: new bindings.GetStatsRequest({
        trackHandle: track.ffi_handle.handle,
        requestAsyncId,
      }),
    },
  });
  const { stats } = (await answer) as GetStatsCallback;
  for (const { stats: figures } of stats)
    if (figures.case === 'inboundRtp')
      return figures.value.inbound?.lastPacketReceivedTimestamp || undefined;
  return undefined;
}
