import { useRoomContext, useVoiceAssistant } from '@livekit/components-react';
import { useEffect, useState } from 'react';
import { setVideoMode, type VideoMode, videoMode } from 'sightline/client';
import { FacesSwitch, LiveView, useView } from './faces.tsx';
import { ClosedEyeIcon, EyeIcon } from './icons.tsx';
import { SOURCE_ATTRIBUTE, STREAM_ATTRIBUTE } from './protocol.ts';
import { Switch } from './switch.tsx';
import { type Seen, useSeen } from './use-seen.ts';

/** What the agent sees, as the agent reports it, and the switch of its video. */
export function SeenPanel() {
  const { agent, agentAttributes } = useVoiceAssistant();
  const seen = useSeen();
  const view = useView();
  const mode = agent && videoMode(agent);
  const { tone, text } = sightInWords(mode, agentAttributes ?? {});

  return (
    <section className="card seen" aria-labelledby="seen-heading">
      <header>
        <h2 id="seen-heading">What it sees</h2>
        <p className="pill" role="status" data-tone={tone}>
          {text}
        </p>
      </header>
      {view ? (
        <LiveView view={view} />
      ) : seen ? (
        <Picture seen={seen} isStale={mode === 'off'} />
      ) : (
        <NoPicture mode={mode} />
      )}
      <div className="switches">
        <EyesSwitch mode={mode} />
        <FacesSwitch />
      </div>
    </section>
  );
}

function Picture({ seen, isStale }: { seen: Seen; isStale: boolean }) {
  const age = useAge(seen.at);
  const of = seen.source === 'screen' ? 'your screen' : 'your camera';
  return (
    <figure className="picture" data-stale={isStale}>
      <img src={seen.url} alt={`What the agent got last, of ${of}`} />
      <figcaption>
        <span>
          <b>{seen.source === 'screen' ? 'Screen' : 'Camera'}</b>, sent {age}
        </span>
        <small>
          {seen.width}×{seen.height} · {Math.max(1, Math.round(seen.bytes / 1024))} KB ·{' '}
          {inWords(seen.ageMs / 1000)} old then
        </small>
      </figcaption>
    </figure>
  );
}

function NoPicture({ mode }: { mode: VideoMode | undefined }) {
  return (
    <div className="nothing">
      {mode === 'off' ? <ClosedEyeIcon /> : <EyeIcon />}
      <p>No picture has been sent. Share something, and ask.</p>
    </div>
  );
}

function EyesSwitch({ mode }: { mode: VideoMode | undefined }) {
  const room = useRoomContext();
  const { agent } = useVoiceAssistant();
  const isOn = mode !== undefined && mode !== 'off';

  async function flip(): Promise<void> {
    if (agent) await setVideoMode(room, agent, isOn ? 'off' : 'sampled');
  }

  return (
    <Switch
      label="Let it watch"
      hint={isOn ? 'It gets pictures' : 'It gets no picture'}
      isOn={isOn}
      isAvailable={mode !== undefined}
      flip={flip}
    />
  );
}

type Tone = 'good' | 'wait' | 'bad' | 'none';

function sightInWords(
  mode: VideoMode | undefined,
  attributes: Readonly<Record<string, string>>,
): { tone: Tone; text: string } {
  if (mode === undefined) return { tone: 'none', text: 'No agent yet' };
  if (mode === 'off') return { tone: 'bad', text: 'Not looking' };
  const source = attributes[SOURCE_ATTRIBUTE] ?? 'none';
  if (source === 'none') return { tone: 'none', text: 'Nothing to look at' };
  switch (attributes[STREAM_ATTRIBUTE]) {
    case 'opening':
      return { tone: 'wait', text: `Opening your ${source}` };
    case 'stalled':
      return { tone: 'wait', text: `Your ${source} stands still` };
    case 'lost':
      return { tone: 'bad', text: `Your ${source} cannot be opened` };
    case 'none':
      return { tone: 'none', text: 'Nothing to look at' };
    default:
      return { tone: 'good', text: `Watching your ${source}` };
  }
}

/** In words, updated every second. */
function useAge(at: number): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = (now - at) / 1000;
  return seconds < 1 ? 'just now' : `${inWords(seconds)} ago`;
}

/** A length of time, such as "2 seconds". */
function inWords(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  const whole = Math.round(seconds);
  if (whole < 120) return whole === 1 ? 'a second' : `${whole} seconds`;
  return `${Math.round(whole / 60)} minutes`;
}
