import { useRoomContext } from '@livekit/components-react';
import type { Room, TextStreamHandler } from 'livekit-client';
import { useCallback, useEffect, useState } from 'react';
import { findAgent, findAvatarWorker } from 'sightline/client';
import { type Message, withMessage } from './messages.ts';

/** Who said it: the agent reports its own words, and what it understood of the visitor's. */
function speakerOf(room: Room, identity: string): Message['from'] | undefined {
  if (identity === room.localParticipant.identity) return 'you';
  const agents = [findAgent(room)?.identity, findAvatarWorker(room)?.identity];
  return agents.includes(identity) ? 'agent' : undefined;
}

/** What is said in the room, in order of arrival. */
export function useConversation(): {
  messages: readonly Message[];
  say(text: string): Promise<void>;
} {
  const room = useRoomContext();
  const [messages, setMessages] = useState<readonly Message[]>([]);

  const put = useCallback((message: Message) => {
    setMessages((before) => withMessage(before, message));
  }, []);

  useEffect(() => {
    const onWords: TextStreamHandler = async (reader, { identity }) => {
      const from = speakerOf(room, identity);
      if (!from) return;
      const id = reader.info.attributes?.['lk.segment_id'] ?? reader.info.id;
      let text = '';
      for await (const piece of reader) {
        text += piece;
        put({ id, from, text, isOpen: true });
      }
      if (text) put({ id, from, text, isOpen: false });
    };
    room.registerTextStreamHandler('lk.transcription', (reader, who) => {
      // The text so far stays.
      Promise.resolve(onWords(reader, who)).catch((error: unknown) => console.warn(error));
    });
    return () => room.unregisterTextStreamHandler('lk.transcription');
  }, [room, put]);

  const say = useCallback(
    async (text: string) => {
      await room.localParticipant.sendText(text, { topic: 'lk.chat' });
      put({ id: crypto.randomUUID(), from: 'you', text, isOpen: false });
    },
    [room, put],
  );
  return { messages, say };
}
