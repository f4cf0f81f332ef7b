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

/** How long an agent may take to come until its visitor is told, in ms. */
const PATIENCE_MS = 30_000;

const STATES: Partial<Record<AgentState, string>> = {
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
};

/** The agent's voice, and its face while it has one. */
export function AgentFace() {
  // Renders again when anybody comes, goes or changes: the room is asked anew each time.
  const { agent, audioTrack, videoTrack, state } = useVoiceAssistant();
  const avatar = findAvatarWorker(useRoomContext());
  const volume = useTrackVolume(audioTrack);
  const isLate = useLate(agent === undefined, PATIENCE_MS);
  const hasCome = useEver(agent !== undefined);

  return (
    <figure className="face" data-state={agent ? state : 'absent'}>
      {/* Behind the video: seen until its first picture is there. */}
      <div className="orb" aria-hidden="true">
        <i style={{ scale: `${1 + volume}` }} />
      </div>
      {videoTrack && (
        <VideoTrack trackRef={videoTrack} aria-label={`The agent’s face: ${nameOf(avatar)}`} />
      )}
      {audioTrack && <AudioTrack trackRef={audioTrack} />}
      <figcaption role="status">
        {agent ? (
          <>
            <i className="dot" /> {STATES[state] ?? 'Getting ready'}
          </>
        ) : hasCome ? (
          'The agent has left. Leave, and join again.'
        ) : isLate ? (
          'No agent has come yet. Is its worker running?'
        ) : (
          'The agent is on its way'
        )}
      </figcaption>
    </figure>
  );
}

const nameOf = (avatar: Pick<Participant, 'name' | 'identity'> | undefined): string =>
  avatar?.name || avatar?.identity || 'the agent itself';

/** Whether it has been so for that long. */
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

/** Whether it was ever so. */
function useEver(is: boolean): boolean {
  const [ever, setEver] = useState(is);
  useEffect(() => {
    if (is) setEver(true);
  }, [is]);
  return ever;
}
