import {
  LiveKitRoom,
  useRoomContext,
  useTrackVolume,
  useVoiceAssistant,
} from '@livekit/components-react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { findAgent, findAvatarWorker } from 'sightline/client';
import { AgentView } from './agent-view.tsx';

/** The page's report to the test, as JSON in `#report`: identities, and the current sound. */
function Report() {
  const room = useRoomContext();
  const { agent, audioTrack, videoTrack, state } = useVoiceAssistant();
  const volume = useTrackVolume(audioTrack);
  const report = {
    agent: findAgent(room)?.identity,
    avatar: findAvatarWorker(room)?.identity,
    assistant: agent?.identity,
    audioOf: audioTrack?.participant.identity,
    videoOf: videoTrack?.participant.identity,
    state,
    volume,
  };
  return <output id="report">{JSON.stringify(report)}</output>;
}

function Page() {
  const [isInside, goInside] = useState(false);
  const settings = new URLSearchParams(location.hash.slice(1));
  return (
    <LiveKitRoom
      serverUrl={settings.get('url') ?? undefined}
      token={settings.get('token') ?? undefined}
      connect={isInside}
    >
      {/* A browser plays no sound before the user did something. */}
      <button type="button" onClick={() => goInside(true)}>
        Join
      </button>
      <AgentView />
      <Report />
    </LiveKitRoom>
  );
}

const place = document.querySelector('main');
if (place) createRoot(place).render(<Page />);
