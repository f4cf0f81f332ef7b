import { StartAudio, useConnectionState, useRoomContext } from '@livekit/components-react';
import { ConnectionState } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { PointerOverlay } from 'sightline/client';
import { AgentFace } from './agent-face.tsx';
import { Chat } from './chat.tsx';
import { Controls } from './controls.tsx';
import { Brand, LeaveIcon } from './icons.tsx';
import { SeenPanel } from './seen-panel.tsx';
import { Shares } from './shares.tsx';

/** A room: the agent, what it sees, and the conversation. */
export function RoomView() {
  const room = useRoomContext();
  const [isSilent, setSilent] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  // The focused button is gone: screen readers continue here.
  useEffect(() => heading.current?.focus(), []);
  // What the agent points at, over the visitor's camera or screen.
  useEffect(() => {
    const overlay = new PointerOverlay(room);
    return () => overlay.close();
  }, [room]);
  // A closed tab leaves at once, not after the server's time limit.
  useEffect(() => {
    const leave = () => void room.disconnect();
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [room]);

  return (
    <div className="inside">
      <header>
        <Brand />
        <h1 className="unseen" ref={heading} tabIndex={-1}>
          In the room with the agent
        </h1>
        <Connection />
        <StartAudio label="Turn the sound on" />
        <button type="button" className="quiet" onClick={() => void room.disconnect()}>
          <LeaveIcon /> Leave
        </button>
      </header>
      <LostServer />
      <main>
        <section className="stage" aria-label="The agent">
          <AgentFace isSilent={isSilent} />
          <Shares />
        </section>
        <SeenPanel />
        <Controls isSilent={isSilent} setSilent={setSilent} />
        <Chat />
      </main>
    </div>
  );
}

const CONNECTIONS: Partial<Record<ConnectionState, string>> = {
  [ConnectionState.Connected]: 'Connected',
  [ConnectionState.Connecting]: 'Connecting',
  [ConnectionState.Reconnecting]: 'Reconnecting',
  [ConnectionState.SignalReconnecting]: 'Reconnecting',
};

/** Reports that nothing arrives while the page tries to connect again. */
function LostServer() {
  const isLost = CONNECTIONS[useConnectionState()] === 'Reconnecting';
  return isLost ? (
    <p className="notice" role="alert">
      The server does not answer. The agent does not hear or see you until it does.
    </p>
  ) : null;
}

function Connection() {
  const state = useConnectionState();
  const text = CONNECTIONS[state] ?? 'Disconnected';
  return (
    <p className="pill" role="status" data-tone={text === 'Connected' ? 'good' : 'wait'}>
      {text}
    </p>
  );
}
