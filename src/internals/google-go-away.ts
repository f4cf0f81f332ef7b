import type { ModelLife } from '../models/model-life.ts';
import { type GoogleSession, isAnswering } from './google-session.ts';

/** Time between two checks whether an answer has ended, in ms. */
const ANSWER_CHECK_MS = 100;

/**
 * The service announces the end of a connection a minute before it. The plugin would leave at once,
 * and lose the answer that has begun or was asked for. The wait ends with the connection.
 *
 * @param current - Returns the current connection.
 */
export function leaveAfterAnswer(
  session: GoogleSession,
  life: ModelLife,
  current: () => object | undefined,
): void {
  const leave = session.handleGoAway?.bind(session);
  if (!leave) return;
  session.handleGoAway = async (message) => {
    const announced = current();
    const isOver = () => current() !== announced || life.isOver;
    while (isAnswerDue(session) && !isOver()) await life.pause(ANSWER_CHECK_MS);
    if (!isOver()) leave(message);
  };
}

const isAnswerDue = (session: GoogleSession): boolean =>
  isAnswering(session) || session.pendingGenerationFut?.done === false;
