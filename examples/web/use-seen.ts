import { useRoomContext } from '@livekit/components-react';
import type { ByteStreamHandler } from 'livekit-client';
import { useEffect, useState } from 'react';
import { findAgent } from 'sightline/client';
import { SEEN_TOPIC } from './protocol.ts';

/** A picture that the agent's model got, as the agent sent it back. */
export interface Seen {
  /** Address of the picture in the memory of this page. */
  url: string;
  source: string;
  width: number;
  height: number;
  bytes: number;
  /** How old the frame was when the model got it, in ms. */
  ageMs: number;
  /** When it arrived, in ms since the epoch. */
  at: number;
}

/** More than any picture of the agent, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The newest picture that the agent's model got; `undefined` before the first. */
export function useSeen(): Seen | undefined {
  const room = useRoomContext();
  const [seen, setSeen] = useState<Seen>();

  useEffect(() => {
    const onPicture: ByteStreamHandler = async (reader, { identity }) => {
      // Any participant could send one: accept the agent's only.
      if (identity !== findAgent(room)?.identity) return;
      const { mimeType, size, attributes = {} } = reader.info;
      if (!mimeType.startsWith('image/') || (size ?? 0) > MAX_BYTES) return;
      const parts = await reader.readAll();
      const blob = new Blob(parts as BlobPart[], { type: mimeType });
      setSeen({
        url: URL.createObjectURL(blob),
        source: attributes.source ?? 'none',
        width: Number(attributes.width),
        height: Number(attributes.height),
        ageMs: Number(attributes.ageMs),
        bytes: blob.size,
        at: Date.now(),
      });
    };
    room.registerByteStreamHandler(SEEN_TOPIC, (reader, who) => {
      // A picture that is cut off is followed by another.
      Promise.resolve(onPicture(reader, who)).catch((error: unknown) => console.warn(error));
    });
    return () => room.unregisterByteStreamHandler(SEEN_TOPIC);
  }, [room]);

  const url = seen?.url;
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);
  return seen;
}
