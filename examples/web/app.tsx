import { RoomContext } from '@livekit/components-react';
import { DisconnectReason, type Room, RoomEvent } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { Brand, EyeIcon } from './icons.tsx';
import { joinRoom } from './join.ts';
import { RoomView } from './room-view.tsx';

type Phase =
  | { at: 'outside'; heading: string; text: string; action: string; isProblem?: boolean }
  | { at: 'joining' }
  | { at: 'inside'; room: Room };

const WELCOME: Phase = {
  at: 'outside',
  heading: 'Talk to an agent that sees',
  text: 'Share your camera or your screen, ask aloud or in writing, and see the picture that the agent got. You can switch its video off at any time.',
  action: 'Join',
};

/** Before, while joining, or in a room. */
export function App() {
  const [phase, setPhase] = useState<Phase>(WELCOME);

  async function join(): Promise<void> {
    setPhase({ at: 'joining' });
    try {
      const room = await joinRoom();
      room.once(RoomEvent.Disconnected, (reason) => setPhase(farewell(reason)));
      setPhase({ at: 'inside', room });
    } catch (error) {
      setPhase({
        at: 'outside',
        heading: 'That did not work',
        text: `The room could not be joined: ${error instanceof Error ? error.message : String(error)}.`,
        action: 'Try again',
        isProblem: true,
      });
    }
  }

  // The focused button may be gone: the focus moves to this one.
  const action = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each phase
  useEffect(() => action.current?.focus(), [phase]);

  if (phase.at === 'inside')
    return (
      <RoomContext.Provider value={phase.room}>
        <RoomView />
      </RoomContext.Provider>
    );
  return (
    <div className="outside">
      <header>
        <Brand />
      </header>
      <main>
        <span className="emblem">
          <EyeIcon />
        </span>
        {phase.at === 'joining' ? (
          <div role="status">
            <h1>Joining</h1>
            <p className="soft">A room is being opened for you.</p>
            <progress aria-label="Joining" />
          </div>
        ) : (
          <>
            <div role={phase.isProblem ? 'alert' : 'status'}>
              <h1>{phase.heading}</h1>
              <p className="soft">{phase.text}</p>
            </div>
            <button type="button" className="primary" ref={action} onClick={join}>
              {phase.action}
            </button>
            <p className="small soft">
              Nothing is shared before you say so, and nothing is recorded.
            </p>
          </>
        )}
      </main>
    </div>
  );
}

/** The text after a room has ended. */
function farewell(reason: DisconnectReason | undefined): Phase {
  if (reason === DisconnectReason.CLIENT_INITIATED)
    return {
      at: 'outside',
      heading: 'You have left',
      text: 'Your camera and screen are off, and the agent has left.',
      action: 'Join again',
    };
  return {
    at: 'outside',
    heading: 'The connection is gone',
    text: 'The room can no longer be reached. Your camera and screen are off.',
    action: 'Join again',
    isProblem: true,
  };
}
