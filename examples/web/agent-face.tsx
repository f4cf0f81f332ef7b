import {
  type AgentState,
  AudioTrack,
  useRoomContext,
  useTrackVolume,
  useVoiceAssistant,
  VideoTrack,
} from '@livekit/components-react';
import type { Participant } from 'livekit-client';
import { useEffect, useState } from 'react';
import { findAvatarWorker } from 'sightline/client';

/** How long the agent may take to join before the page reports it, in ms. */
const PATIENCE_MS = 30_000;

const STATES: Partial<Record<AgentState, string>> = {
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
};

/** The agent's voice, unless it is off on this page, and its avatar while it has one. */
export function AgentFace({ isSilent }: { isSilent: boolean }) {
  // Renders again when a participant joins, leaves or changes, and reads the room each time.
  const { agent, audioTrack, videoTrack, state } = useVoiceAssistant();
  const avatar = findAvatarWorker(useRoomContext());
  const volume = useTrackVolume(audioTrack);
  const isLate = useLate(agent === undefined, PATIENCE_MS);
  const hasCome = useEver(agent !== undefined);

  return (
    <figure className="face" data-state={agent ? state : 'absent'}>
      {/* Behind the video: visible until its first frame. */}
      <div className="orb" aria-hidden="true">
        <i style={{ scale: `${1 + volume}` }} />
      </div>
      {videoTrack && (
        <VideoTrack trackRef={videoTrack} aria-label={`The agent’s face: ${nameOf(avatar)}`} />
      )}
      {audioTrack && <AudioTrack trackRef={audioTrack} muted={isSilent} />}
      <figcaption role="status">
        {agent ? (
          <>
            <i className="dot" /> {STATES[state] ?? 'Getting ready'}
          </>
        ) : hasCome ? (
          'The agent has left. Leave, and join again.'
        ) : isLate ? (
          'No agent has joined yet. Is its worker running?'
        ) : (
          'The agent is on its way'
        )}
      </figcaption>
    </figure>
  );
}

const nameOf = (avatar: Pick<Participant, 'name' | 'identity'> | undefined): string =>
  avatar?.name || avatar?.identity || 'the agent itself';

/** Whether the value has been true for that long. */
function useLate(is: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!is) return undefined;
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [is, ms]);
  return late;
}

/** Whether the value was ever true. */
function useEver(is: boolean): boolean {
  const [ever, setEver] = useState(is);
  useEffect(() => {
    if (is) setEver(true);
  }, [is]);
  return ever;
}
