import type { VideoTrack } from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import type { FrameSource, OpenFrameSource, SourceFrame } from '../frames/frame-source.ts';
import type { FrameIntake } from '../frames/gate.types.ts';
import { setPublicationLayer, type VideoLayer } from '../internals/rtc-publication-control.ts';
import type { StreamInput, StreamReport, StreamRequest } from '../machines/source.types.ts';
import type { SourceId } from '../source.ts';
import { textOf } from '../thrown.ts';
import type { PublicationSwitches } from './publication-switches.ts';
import { findPublication, type VideoRoom } from './video-room.ts';

/**
 * Every frame reaches the slot, but the machines get only an event at this interval, in ms: 30
 * events per second and stream would cost more than they are worth.
 */
const SIGN_OF_LIFE_MS = 500;

export interface VideoStreamDeps {
  room: VideoRoom;
  /** The destination of a source's frames. */
  intake(sourceId: SourceId): FrameIntake;
  open: OpenFrameSource;
  /** The smallest simulcast layer that suffices. */
  layer(): VideoLayer;
  /** Time without a frame after which the stream counts as stalled, in ms. */
  stallAfterMs: number;
  switches: PublicationSwitches;
  /** Gets the promise of a close that is in progress when the actor stops. */
  onClosing(closing: Promise<void>): void;
}

/**
 * Black frames are skipped for this long after a pause, in ms. Afterwards a black frame shows a
 * dark room.
 */
const BLACK_AFTER_PAUSE_MS = 1000;

/**
 * Reads one track: each frame goes to the slot, until `stream.close` or the end of the actor.
 * Between `stream.pause` and `stream.resume` the server sends nothing, if it can be asked to. Between
 * `stream.rest` and `stream.read` it sends, and nothing is read.
 */
export function videoStream(deps: VideoStreamDeps) {
  const { room, intake, open, layer, switches, stallAfterMs, onClosing } = deps;
  // Often enough that a working stream never looks stalled.
  const signOfLifeMs = Math.min(SIGN_OF_LIFE_MS, stallAfterMs / 4);
  return fromCallback<StreamRequest, StreamInput>(
    ({ sendBack, receive, input: { sourceId, streamId, pick } }) => {
      const send = (event: StreamReport) => sendBack(event);
      const slot = intake(sourceId);
      const publication = findPublication(room, pick.sid);
      const isSmall = layer() !== 'high';
      let source: FrameSource | undefined;
      let resumedAt: number | undefined;
      let lastSignAt = Number.NEGATIVE_INFINITY;
      /** Frames since then, or since the stream was read again. */
      let counted = { since: Number.NaN, frames: 0 };
      let paused = false;
      let closing: Promise<void> | undefined;

      const pause = () => {
        if (!paused && publication) paused = switches.off(publication, 'pause');
      };
      /** The next frame is reported at once. Returns the time. */
      const countAnew = () => {
        lastSignAt = Number.NEGATIVE_INFINITY;
        counted = { since: performance.now(), frames: 0 };
        return counted.since;
      };
      const resume = () => {
        if (!paused || !publication) return;
        paused = false;
        // A frame from before the pause is out of date.
        slot.clear();
        resumedAt = countAnew();
        switches.on(publication, 'pause');
      };
      const rest = () => {
        if (!closing && !paused) source?.rest?.();
      };
      const read = () => {
        if (!closing && source?.read?.()) countAnew();
      };
      const close = () => {
        if (closing) return closing;
        // The next reader of this track needs it switched on, and in full size.
        resume();
        if (publication && isSmall) setPublicationLayer(publication, 'high');
        // No picture of a source that is no longer watched.
        slot.clear();
        closing = (source?.close() ?? Promise.resolve()).catch(() => {});
        onClosing(closing);
        return closing;
      };

      const isFreshlyOn = () =>
        publication !== undefined && switches.msSinceOn(publication) < BLACK_AFTER_PAUSE_MS;
      const take = (frame: SourceFrame) => {
        // The server's last frame before a pause is black.
        if (closing || paused || (isFreshlyOn() && frame.isBlack())) return frame.release();
        const ref = slot.put(frame, {
          trackSid: pick.sid,
          identity: pick.identity,
          source: pick.source,
          receivedAt: Date.now(),
        });
        if (!ref) return;
        const now = performance.now();
        counted.frames += 1;
        if (now - lastSignAt < signOfLifeMs) return;
        lastSignAt = now;
        const gapMs = (now - counted.since) / counted.frames;
        counted = { since: now, frames: 0 };
        send({
          type: 'stream.frame',
          streamId,
          ...(Number.isFinite(gapMs) && { gapMs }),
          ...(resumedAt !== undefined && { afterMs: now - resumedAt }),
        });
        resumedAt = undefined;
      };

      receive(({ type }) => {
        if (type === 'stream.pause') pause();
        else if (type === 'stream.resume') resume();
        else if (type === 'stream.rest') rest();
        else if (type === 'stream.read') read();
        else void close().then(() => send({ type: 'stream.closed', streamId }));
      });

      try {
        const track = publication?.track;
        if (!publication || !track) throw new Error(`track ${pick.sid} is not subscribed`);
        if (isSmall) setPublicationLayer(publication, layer());
        source = open(track as VideoTrack, {
          onFrame: take,
          onEnd: () => send({ type: 'stream.ended', streamId }),
        });
        send({ type: 'stream.opened', streamId });
      } catch (error) {
        send({ type: 'stream.openFailed', streamId, error: textOf(error) });
      }

      return () => void close();
    },
  );
}
