import type { VideoTrack } from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import type { FrameSource, OpenFrameSource, SourceFrame } from '../frames/frame-source.ts';
import type { NewestFrameSlot } from '../frames/newest-frame.ts';
import {
  setPublicationEnabled,
  setPublicationLayer,
  type VideoLayer,
} from '../internals/rtc-node.ts';
import type { StreamReport, StreamRequest } from '../machines/sight.types.ts';
import type { TrackPick } from '../machines/track-discovery.types.ts';
import { findPublication, type VideoRoom } from './video-room.ts';

/**
 * Frames reach the slot one by one, the machines only a sign of life: 30 events a second for
 * each stream would cost more than they tell. In ms.
 */
const SIGN_OF_LIFE_MS = 500;

export interface VideoStreamDeps {
  room: VideoRoom;
  slot: NewestFrameSlot;
  open: OpenFrameSource;
  /** The simulcast layer that is enough for what is made of the frames. */
  layer(): VideoLayer;
  /** Time without a frame after which the stream counts as stalled, in ms. */
  stallAfterMs: number;
  /** Whether video is off: a stream that is closed then leaves its track switched off. */
  isOff?(): boolean;
  /** Publications that were left switched off. */
  switchedOff?: Set<object>;
  /** Gets the end of a stream that is still under way when its actor is gone. */
  onClosing(closing: Promise<void>): void;
}

/** After a pause, black frames are not taken for this long, in ms. A dark room is black for longer. */
const BLACK_AFTER_PAUSE_MS = 1000;

/**
 * Reads one track: each frame goes to the slot, until `stream.close` or the end of the actor.
 * Between `stream.pause` and `stream.resume` the server sends nothing, where it can be told so.
 */
export function videoStream(deps: VideoStreamDeps) {
  const { room, slot, open, layer, stallAfterMs, onClosing } = deps;
  const { isOff = () => false, switchedOff = new Set<object>() } = deps;
  // Often enough that a stream which is alive never looks stalled.
  const signOfLifeMs = Math.min(SIGN_OF_LIFE_MS, stallAfterMs / 4);
  return fromCallback<StreamRequest, { streamId: number; pick: TrackPick }>(
    ({ sendBack, receive, input: { streamId, pick } }) => {
      const send = (event: StreamReport) => sendBack(event);
      const publication = findPublication(room, pick.sid);
      const isSmall = layer() !== 'high';
      let source: FrameSource | undefined;
      let lastSignAt = Number.NEGATIVE_INFINITY;
      let resumedAt = Number.NEGATIVE_INFINITY;
      let paused = false;
      let closing: Promise<void> | undefined;

      const pause = () => {
        if (!paused && publication) paused = setPublicationEnabled(publication, false);
      };
      const resume = () => {
        if (!paused || !publication) return;
        paused = false;
        resumedAt = performance.now();
        lastSignAt = Number.NEGATIVE_INFINITY;
        setPublicationEnabled(publication, true);
      };
      const close = () => {
        if (closing) return closing;
        if (isOff()) {
          pause();
          if (publication && paused) switchedOff.add(publication);
        } else {
          // Who watches this track next must find it switched on.
          resume();
        }
        // And in full size.
        if (publication && isSmall) setPublicationLayer(publication, 'high');
        // No picture of a source that is no longer watched.
        slot.clear();
        closing = (source?.close() ?? Promise.resolve()).catch(() => {});
        onClosing(closing);
        return closing;
      };

      const take = (frame: SourceFrame) => {
        const now = performance.now();
        // The server's last frame before a pause is a black one.
        if (closing || paused || (now - resumedAt < BLACK_AFTER_PAUSE_MS && frame.isBlack()))
          return frame.release();
        const ref = slot.put(frame, {
          trackSid: pick.sid,
          identity: pick.identity,
          source: pick.source,
          receivedAt: Date.now(),
        });
        if (!ref || now - lastSignAt < signOfLifeMs) return;
        lastSignAt = now;
        send({ type: 'stream.frame', streamId });
      };

      receive(({ type }) => {
        if (type === 'stream.pause') pause();
        else if (type === 'stream.resume') resume();
        else void close().then(() => send({ type: 'stream.closed', streamId }));
      });

      try {
        const track = publication?.track;
        if (!publication || !track) throw new Error(`track ${pick.sid} is not subscribed`);
        if (isSmall) setPublicationLayer(publication, layer());
        if (switchedOff.delete(publication)) {
          paused = true;
          resume();
        }
        source = open(track as VideoTrack, {
          onFrame: take,
          onEnd: () => send({ type: 'stream.ended', streamId }),
        });
        send({ type: 'stream.opened', streamId });
      } catch (error) {
        send({ type: 'stream.openFailed', streamId, error: String(error) });
      }

      return () => void close();
    },
  );
}
