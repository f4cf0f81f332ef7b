import {
  AudioTrack,
  useRoomContext,
  useVoiceAssistant,
  VideoTrack,
} from '@livekit/components-react';
import { findAvatarWorker } from 'sightline/client';

/** The agent's voice, and its face while it has one. */
export function AgentView() {
  // Renders again when anybody comes, goes or changes: the room is asked anew each time.
  const { agent, audioTrack, videoTrack } = useVoiceAssistant();
  const avatar = findAvatarWorker(useRoomContext());

  if (!agent) return <p>Waiting for the agent</p>;
  return (
    <figure>
      {videoTrack && <VideoTrack trackRef={videoTrack} />}
      {audioTrack && <AudioTrack trackRef={audioTrack} />}
      <figcaption>{avatar ? `${agent.identity}, with a face` : agent.identity}</figcaption>
    </figure>
  );
}
