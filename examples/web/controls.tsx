import { useLocalParticipant, useTrackVolume, useVoiceAssistant } from '@livekit/components-react';
import {
  LocalAudioTrack,
  type LocalTrackPublication,
  ParticipantEvent,
  ScreenSharePresets,
  Track,
} from 'livekit-client';
import { type ReactNode, useEffect, useState } from 'react';
import { deviceProblem, type Shared } from './device-problem.ts';
import {
  CameraIcon,
  MicrophoneIcon,
  MutedMicrophoneIcon,
  ScreenIcon,
  SilentIcon,
  SoundIcon,
} from './icons.tsx';
import { HEARS_ATTRIBUTE } from './protocol.ts';

interface ControlsProps {
  /** Whether the agent's voice is off on this page. */
  isSilent: boolean;
  setSilent(isSilent: boolean): void;
}

/** The microphone, the sound and the shares; shows errors and their remedies. */
export function Controls({ isSilent, setSilent }: ControlsProps) {
  const { localParticipant, isMicrophoneEnabled, isCameraEnabled, isScreenShareEnabled } =
    useLocalParticipant();
  const { agentAttributes } = useVoiceAssistant();
  const [busy, setBusy] = useState<Shared | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const hears = agentAttributes?.[HEARS_ATTRIBUTE] === 'yes';
  const isReceived = useMicrophoneIsReceived();

  async function toggle(what: Shared): Promise<void> {
    setBusy(what);
    setProblem(null);
    try {
      if (what === 'microphone') await localParticipant.setMicrophoneEnabled(!isMicrophoneEnabled);
      else if (what === 'camera') await localParticipant.setCameraEnabled(!isCameraEnabled);
      else
        await localParticipant.setScreenShareEnabled(
          !isScreenShareEnabled,
          // The size of the screen, and sharp letters before smooth motion.
          { contentHint: 'text', resolution: ScreenSharePresets.original.resolution },
          // One layer: the server may forward a smaller one, in which no letter can be read.
          { simulcast: false, screenShareEncoding: { maxBitrate: 7_000_000, maxFramerate: 15 } },
        );
    } catch (error) {
      setProblem(deviceProblem(what, error));
    } finally {
      setBusy(null);
    }
  }

  return (
    <div className="controls">
      {problem && (
        <p className="notice" role="alert">
          {problem}
          <button type="button" aria-label="Close this message" onClick={() => setProblem(null)}>
            ×
          </button>
        </p>
      )}
      <fieldset>
        <legend className="unseen">Talk and share</legend>
        {hears && (
          <Toggle
            is={isMicrophoneEnabled}
            isBusy={busy === 'microphone'}
            label={isMicrophoneEnabled ? 'Mute microphone' : 'Talk'}
            short={isMicrophoneEnabled ? 'Mute' : 'Talk'}
            onClick={() => void toggle('microphone')}
          >
            {isMicrophoneEnabled ? <MicrophoneIcon /> : <MutedMicrophoneIcon />}
            {isMicrophoneEnabled && isReceived && <Level />}
          </Toggle>
        )}
        <Toggle
          is={isCameraEnabled}
          isBusy={busy === 'camera'}
          label={isCameraEnabled ? 'Stop camera' : 'Share camera'}
          short="Camera"
          onClick={() => void toggle('camera')}
        >
          <CameraIcon />
        </Toggle>
        <Toggle
          is={isScreenShareEnabled}
          isBusy={busy === 'screen'}
          label={isScreenShareEnabled ? 'Stop screen' : 'Share screen'}
          short="Screen"
          onClick={() => void toggle('screen')}
        >
          <ScreenIcon />
        </Toggle>
        <Toggle
          is={false}
          isBusy={false}
          label={isSilent ? 'Turn the voice on' : 'Turn the voice off'}
          short={isSilent ? 'Silent' : 'Voice'}
          onClick={() => setSilent(!isSilent)}
        >
          {isSilent ? <SilentIcon /> : <SoundIcon />}
        </Toggle>
      </fieldset>
    </div>
  );
}

/** Whether the agent gets the microphone's sound. What the visitor says before that is lost. */
function useMicrophoneIsReceived(): boolean {
  const { localParticipant, microphoneTrack } = useLocalParticipant();
  const [received, setReceived] = useState<string>();
  useEffect(() => {
    const onSubscribed = ({ source, trackSid }: LocalTrackPublication) => {
      if (source === Track.Source.Microphone) setReceived(trackSid);
    };
    localParticipant.on(ParticipantEvent.LocalTrackSubscribed, onSubscribed);
    return () => void localParticipant.off(ParticipantEvent.LocalTrackSubscribed, onSubscribed);
  }, [localParticipant]);
  return microphoneTrack !== undefined && microphoneTrack.trackSid === received;
}

/** How loud the microphone is. */
function Level() {
  const { microphoneTrack } = useLocalParticipant();
  const track = microphoneTrack?.track;
  const volume = useTrackVolume(track instanceof LocalAudioTrack ? track : undefined);
  return (
    <span className="level" aria-hidden="true">
      <i style={{ scale: `${Math.min(1, volume * 1.5)} 1` }} />
    </span>
  );
}

interface ToggleProps {
  is: boolean;
  isBusy: boolean;
  label: string;
  /** The label in a narrow window. */
  short: string;
  onClick(): void;
  children: ReactNode;
}

function Toggle({ is, isBusy, label, short, onClick, children }: ToggleProps) {
  return (
    <button
      type="button"
      className="toggle"
      data-on={is}
      aria-label={label}
      aria-busy={isBusy}
      disabled={isBusy}
      onClick={onClick}
    >
      {children} <span className="long">{label}</span>
      <span className="short">{short}</span>
    </button>
  );
}
