import { useLocalParticipant, useTrackVolume } from '@livekit/components-react';
import { LocalAudioTrack } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import type { Message } from './messages.ts';
import { UnansweredSound } from './unanswered-sound.ts';

/** Time between two looks at the loudness, in ms. */
const INTERVAL_MS = 100;

interface HearingHintProps {
  messages: readonly Message[];
  /** Whether the agent waits for a question. */
  isListening: boolean;
}

/** What to do if the agent makes no question of what the user says. */
export function HearingHint({ messages, isListening }: HearingHintProps) {
  const { microphoneTrack, isMicrophoneEnabled } = useLocalParticipant();
  const track = microphoneTrack?.track;
  const volume = useTrackVolume(track instanceof LocalAudioTrack ? track : undefined);
  const loudness = useRef(0);
  loudness.current = volume;
  const [isUnanswered, setUnanswered] = useState(false);

  // Each message, and each change of the agent's state, answers what was heard before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each message
  useEffect(() => {
    setUnanswered(false);
    if (!isListening || !isMicrophoneEnabled) return;
    const sound = new UnansweredSound();
    const timer = setInterval(() => {
      if (sound.heard(loudness.current, performance.now())) setUnanswered(true);
    }, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [messages, isListening, isMicrophoneEnabled]);

  return isUnanswered ? (
    <p className="notice" role="status">
      I hear you, but I understood no question. Speak a little closer to the microphone, or type
      your question.
    </p>
  ) : null;
}
