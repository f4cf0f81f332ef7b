import { streamReplacementMachine } from '../../../src/machines/stream-replacement.machine.ts';
import type { StreamReplacementInput } from '../../../src/machines/stream-replacement.types.ts';
import type { TrackPick } from '../../../src/source.ts';
import { replacementInput } from './inputs.ts';
import { ofType, record } from './recorded.ts';

export const pickOf = (sid: string): TrackPick => ({
  sid,
  identity: 'user',
  source: sid.startsWith('screen') ? 'screen' : 'camera',
});

/**
 * Replacement whose streams are controlled by a test. A report without a number is of the newest
 * stream.
 */
export function simulatedStreams(change: Partial<StreamReplacementInput> = {}) {
  const recorded = record(streamReplacementMachine, { ...replacementInput, ...change });
  const { actor, reports } = recorded;
  const newest = () => actor.getSnapshot().context.streamId;
  const streams = {
    ...recorded,
    context: () => actor.getSnapshot().context,
    value: () => actor.getSnapshot().value,
    pick: (sid: string | null) =>
      actor.send({ type: 'pick.changed', pick: sid === null ? null : pickOf(sid) }),
    opened: (streamId = newest()) => actor.send({ type: 'stream.opened', streamId }),
    openFailed: (error = 'refused', streamId = newest()) =>
      actor.send({ type: 'stream.openFailed', streamId, error }),
    frame: (streamId = newest()) => actor.send({ type: 'stream.frame', streamId }),
    ended: (streamId = newest()) => actor.send({ type: 'stream.ended', streamId }),
    closed: (streamId = newest()) => actor.send({ type: 'stream.closed', streamId }),
    paused: () => actor.send({ type: 'video.paused' }),
    resumed: () => actor.send({ type: 'video.resumed' }),
    /** The requests so far: `open 1 camera`, `close 1`. */
    requests: () =>
      reports.flatMap((report) => {
        if (report.type === 'stream.openRequested')
          return [`open ${report.streamId} ${report.pick.sid}`];
        return report.type === 'stream.closeRequested' ? [`close ${report.streamId}`] : [];
      }),
    statuses: () => ofType(reports, 'streamStatus.changed').map((report) => report.streamStatus),
    /** Opens the track and delivers its first frame. */
    watch: (sid: string) => {
      streams.pick(sid);
      streams.opened();
      streams.frame();
    },
  };
  return streams;
}
