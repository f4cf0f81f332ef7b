import {
  AudioTrack,
  useRoomContext,
  useVoiceAssistant,
  VideoTrack,
} from '@livekit/components-react';
import { findAvatarWorker } from 'sightline/client';

/** The agent's voice, and its avatar while it has one. */
export function AgentView() {
  // Renders again when a participant joins, leaves or changes, and reads the room each time.
  const { agent, audioTrack, videoTrack } = useVoiceAssistant();
  const avatar = findAvatarWorker(useRoomContext());

  if (!agent) return <p>Waiting for the agent</p>;
  return (
    <figure>
      {videoTrack && <VideoTrack trackRef={videoTrack} />}
      {audioTrack && <AudioTrack trackRef={audioTrack} />}
      <figcaption>{avatar ? `${agent.identity}, with an avatar` : agent.identity}</figcaption>
    </figure>
  );
}
