import type { voice } from '@livekit/agents';

/** What an agent does when its user presses, releases or cancels. The docs show these lines. */
export const turnMethods = (session: voice.AgentSession) => ({
  start_turn: () => {
    session.interrupt();
    session.clearUserTurn();
    session.input.setAudioEnabled(true);
  },
  end_turn: () => {
    session.input.setAudioEnabled(false);
    session.commitUserTurn();
  },
  cancel_turn: () => {
    session.input.setAudioEnabled(false);
    session.clearUserTurn();
  },
});
