import { useLocalParticipant } from '@livekit/components-react';
import { ScreenSharePresets } from 'livekit-client';
import { type ReactNode, useState } from 'react';
import { deviceProblem, type Shared } from './device-problem.ts';
import { CameraIcon, ScreenIcon } from './icons.tsx';

/** Starts and stops shares; shows errors and their remedies. */
export function Controls() {
  const { localParticipant, isCameraEnabled, isScreenShareEnabled } = useLocalParticipant();
  const [busy, setBusy] = useState<Shared | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function toggle(what: Shared): Promise<void> {
    setBusy(what);
    setProblem(null);
    try {
      if (what === 'camera') await localParticipant.setCameraEnabled(!isCameraEnabled);
      else
        await localParticipant.setScreenShareEnabled(
          !isScreenShareEnabled,
          // Letters have to stay sharp; smooth motion matters less.
          { contentHint: 'detail', resolution: ScreenSharePresets.h1080fps15.resolution },
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
        <legend className="unseen">Share</legend>
        <Toggle
          is={isCameraEnabled}
          isBusy={busy === 'camera'}
          label={isCameraEnabled ? 'Stop camera' : 'Share camera'}
          onClick={() => void toggle('camera')}
        >
          <CameraIcon />
        </Toggle>
        <Toggle
          is={isScreenShareEnabled}
          isBusy={busy === 'screen'}
          label={isScreenShareEnabled ? 'Stop screen' : 'Share screen'}
          onClick={() => void toggle('screen')}
        >
          <ScreenIcon />
        </Toggle>
      </fieldset>
    </div>
  );
}

interface ToggleProps {
  is: boolean;
  isBusy: boolean;
  label: string;
  onClick(): void;
  children: ReactNode;
}

function Toggle({ is, isBusy, label, onClick, children }: ToggleProps) {
  return (
    <button
      type="button"
      className="toggle"
      data-on={is}
      aria-busy={isBusy}
      disabled={isBusy}
      onClick={onClick}
    >
      {children} {label}
    </button>
  );
}
