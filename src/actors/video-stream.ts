import type { VideoTrack } from '@livekit/rtc-node';
import { fromCallback } from 'xstate';
import type { FrameSource, OpenFrameSource } from '../frames/frame-source.ts';
import type { NewestFrameSlot } from '../frames/newest-frame.ts';
import type { StreamReport } from '../machines/session.types.ts';
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
  /** Gets the end of a stream that is still under way when its actor is gone. */
  onClosing(closing: Promise<void>): void;
}

/** Reads one track: each frame goes to the slot, until `stream.close` or the end of the actor. */
export function videoStream({ room, slot, open, onClosing }: VideoStreamDeps) {
  return fromCallback<{ type: 'stream.close' }, { streamId: number; pick: TrackPick }>(
    ({ sendBack, receive, input: { streamId, pick } }) => {
      const send = (event: StreamReport) => sendBack(event);
      let source: FrameSource | undefined;
      let lastSignAt = Number.NEGATIVE_INFINITY;
      let closing: Promise<void> | undefined;

      const close = () => {
        if (closing) return closing;
        // No picture of a source that is no longer watched.
        slot.clear();
        closing = (source?.close() ?? Promise.resolve()).catch(() => {});
        onClosing(closing);
        return closing;
      };

      receive(() => {
        void close().then(() => send({ type: 'stream.closed', streamId }));
      });

      try {
        const track = findPublication(room, pick.sid)?.track;
        if (!track) throw new Error(`track ${pick.sid} is not subscribed`);
        source = open(track as VideoTrack, {
          onFrame(frame) {
            const ref = slot.put(frame, {
              trackSid: pick.sid,
              identity: pick.identity,
              source: pick.source,
              receivedAt: Date.now(),
            });
            const now = performance.now();
            if (!ref || now - lastSignAt < SIGN_OF_LIFE_MS) return;
            lastSignAt = now;
            send({ type: 'stream.frame', streamId });
          },
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
