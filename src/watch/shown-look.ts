import type { SeenFrame } from '../frames/seen-frame.ts';
import type { SkipReason } from '../machines/frame-sampling.types.ts';
import type { SourceId } from '../source.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';

/** A look, and whether its picture was sent to the realtime model. */
export interface ShownLook {
  frame: SeenFrame;
  result: 'sent' | SkipReason;
}

interface Sample {
  sourceId: SourceId;
  /** `null` if no frame was taken. */
  frameId: number | null;
  result: ShownLook['result'];
}

/**
 * Takes a look, and waits until its picture was sent to the realtime model or skipped. A picture
 * that was taken just before, and is still on its way, counts instead. The frame of a source that is
 * not watched is no sample: it is sent by itself.
 */
export async function shownLook(
  video: VideoSession,
  look: () => Promise<SeenFrame>,
  limit: AbortSignal,
): Promise<ShownLook> {
  const samples: Sample[] = [];
  let tell = () => {};
  const keep = (sample: Sample) => {
    samples.push(sample);
    tell();
  };
  const stops = [
    video.on('sample.sent', ({ sourceId, frameId }) => keep({ sourceId, frameId, result: 'sent' })),
    video.on('sample.skipped', ({ sourceId, frameId, reason }) =>
      keep({ sourceId, frameId, result: reason }),
    ),
  ];
  try {
    const frame = await look();
    const { sources, follow } = video.actor.getSnapshot().context;
    const shown = follow.find(({ id }) => sources[id]?.pick?.sid === frame.trackSid)?.id;
    if (shown === undefined) return await sentByItself(video, frame, limit);
    for (;;) {
      const own = samples.filter(({ sourceId }) => sourceId === shown);
      const from = own.findIndex(({ frameId, result }) =>
        frameId === null ? result !== 'no-frame' : frameId >= frame.id,
      );
      const last = from < 0 ? undefined : own.slice(from).find(({ result }) => result !== 'busy');
      if (last) return { frame, result: last.result };
      await abortable(
        new Promise<void>((resolve) => {
          tell = resolve;
        }),
        limit,
      );
    }
  } finally {
    for (const stop of stops) stop();
  }
}

/** Sends the realtime model a frame that is no sample of a watched source, or a part of one. */
export async function sentByItself(
  video: VideoSession,
  frame: SeenFrame,
  limit: AbortSignal,
): Promise<ShownLook> {
  return { frame, result: await abortable(video.showRealtime(frame), limit) };
}
