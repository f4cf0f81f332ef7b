import {
  isTrackReference,
  useLocalParticipant,
  useTracks,
  VideoTrack,
} from '@livekit/components-react';
import { Track } from 'livekit-client';

const LABELS: Partial<Record<Track.Source, string>> = {
  [Track.Source.Camera]: 'Your camera',
  [Track.Source.ScreenShare]: 'Your screen',
};

/** What the visitor shares. */
export function Shares() {
  const { localParticipant } = useLocalParticipant();
  const shares = useTracks([Track.Source.Camera, Track.Source.ScreenShare])
    .filter(isTrackReference)
    .filter(
      ({ participant, publication }) => participant === localParticipant && !publication.isMuted,
    );
  if (shares.length === 0) return null;
  return (
    <ul className="shares" aria-label="What you share">
      {shares.map((share) => (
        <li key={share.publication.trackSid}>
          <VideoTrack trackRef={share} aria-label={LABELS[share.source] ?? 'Your video'} />
          <span>{LABELS[share.source]}</span>
        </li>
      ))}
    </ul>
  );
}
