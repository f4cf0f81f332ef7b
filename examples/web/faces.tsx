import {
  isTrackReference,
  type TrackReference,
  useRoomContext,
  useTracks,
  useVoiceAssistant,
  VideoTrack,
} from '@livekit/components-react';
import { Track } from 'livekit-client';
import { FACES_ATTRIBUTE, FACES_METHOD, VIEW_TRACK } from './protocol.ts';
import { Switch } from './switch.tsx';

/** The agent first loads its detector, in ms. */
const ANSWER_LIMIT_MS = 60_000;

/** Hides faces from the agent's model. */
export function FacesSwitch() {
  const room = useRoomContext();
  const { agent, agentAttributes } = useVoiceAssistant();
  const isOn = agentAttributes?.[FACES_ATTRIBUTE] === 'hidden';

  async function flip(): Promise<void> {
    if (!agent) return;
    await room.localParticipant.performRpc({
      destinationIdentity: agent.identity,
      method: FACES_METHOD,
      payload: isOn ? 'off' : 'on',
      responseTimeout: ANSWER_LIMIT_MS,
    });
  }

  return (
    <Switch
      label="Hide faces"
      hint={isOn ? 'Those that it finds' : 'It sees faces'}
      isOn={isOn}
      isAvailable={agent !== undefined}
      flip={flip}
    />
  );
}

/** The agent's track of what its model gets; `undefined` while faces are not hidden. */
export function useView(): TrackReference | undefined {
  const { agent } = useVoiceAssistant();
  return useTracks([Track.Source.ScreenShare])
    .filter(isTrackReference)
    .find(
      ({ participant, publication }) =>
        participant.identity === agent?.identity && publication.trackName === VIEW_TRACK,
    );
}

/** What the model gets now. */
export function LiveView({ view }: { view: TrackReference }) {
  return (
    <figure className="picture">
      <VideoTrack trackRef={view} aria-label="What the agent gets now, without faces" />
      <figcaption>
        <b>Live, with faces hidden</b>
        <small>The model gets these pictures</small>
      </figcaption>
    </figure>
  );
}
