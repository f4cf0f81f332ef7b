import { type llm, log, voice } from '@livekit/agents';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { currentRealtimeSession } from '../internals/agents.ts';
import { isGoogleSession } from '../models/google.ts';
import { withoutSecrets } from '../secrets.ts';
import { textOf } from '../thrown.ts';
import { limitSignal } from '../time-limit.ts';
import type { VideoSession } from '../video-session.ts';
import { pause } from './abortable.ts';
import { type LookRequest, lookAt } from './look-at.ts';
import { partNote, shownBy } from './look-words.ts';
import { type ShownLook, sentByItself, shownLook } from './shown-look.ts';
import { WatchError } from './watch-error.ts';

/** A look that a realtime model requested with a tool call. */
export interface RealtimeLook {
  video: VideoSession;
  session: voice.AgentSession;
  request: LookRequest;
  /** Id of the tool call. */
  callId: string;
  /** Time limit of the look, in ms. */
  timeoutMs: number;
}

/** How long the tool's answer may wait until the current speech has ended, in ms. */
const ANSWER_LIMIT_MS = 60_000;
/** Interval of the check whether the answer was sent, which no event reports, in ms. */
const WIRE_LOOK_MS = 20;

const { ConversationItemAdded, FunctionToolsExecuted } = voice.AgentSessionEventTypes;

/**
 * Shows the realtime model one fresh picture, and returns the outcome as text for the model.
 *
 * Gemini accepts no picture while it waits for a tool's answer, and its reply to that answer
 * ignores a picture that comes with it. So the picture follows the answer, and the model is asked
 * to continue once the picture is there. Until then, the answer instructs the model not to describe
 * it. If the user asks something else meanwhile, or holds the button of push-to-talk, or another agent
 * takes over, nothing continues.
 */
export async function showRealtime(look: RealtimeLook, limit: AbortSignal): Promise<string> {
  const { frame, result } = await shown(look, limit);
  const note = partNote(frame, look.request);
  if (result === 'sent')
    return frame.region
      ? `The ${shownBy(frame)} that you requested was sent.${note}`
      : `A fresh ${shownBy(frame)} was sent.`;
  if (result !== 'tool-pending') throw notSent(result);
  showLater(look, frame);
  return (
    `The ${shownBy(frame)} follows this answer.${note} ` +
    'You do not have it yet: do not describe it until it is there.'
  );
}

const notSent = (result: string) =>
  new WatchError('model', `the picture could not be sent: ${result}`);

const shown = (look: RealtimeLook, limit: AbortSignal): Promise<ShownLook> =>
  look.request.region ? shownPart(look, limit) : shownWhole(look, limit);

const shownWhole = ({ video, request }: RealtimeLook, limit: AbortSignal) =>
  shownLook(video, () => lookAt(video, request, limit), limit);

/** A part is no sample of its source: it goes to the model by itself. */
async function shownPart({ video, request }: RealtimeLook, limit: AbortSignal): Promise<ShownLook> {
  return sentByItself(video, await lookAt(video, request, limit), limit);
}

/**
 * Shows the picture after the tool's answer was sent. Ends with the session, or at its limit.
 * @param announced - A part of it stays a part of it, although the model may see newer frames.
 */
function showLater(asked: RealtimeLook, announced: SeenFrame): void {
  const { video, session, callId } = asked;
  const request = { ...asked.request, ...(announced.wasShown && { frameId: announced.id }) };
  const look = { ...asked, request };
  const over = new AbortController();
  const end = () => {
    over.abort(new WatchError('closed', 'the session ended before the picture was sent'));
    stop();
  };
  const closing = video.actor.subscribe({ complete: end });
  const timer = setTimeout(end, ANSWER_LIMIT_MS);
  const onAnswered = ({ functionCalls }: voice.FunctionToolsExecutedEvent) => {
    if (!functionCalls.some((call) => call.callId === callId)) return;
    session.off(FunctionToolsExecuted, onAnswered);
    showNow(look, over.signal)
      .catch((problem: unknown) => {
        const error = withoutSecrets(textOf(problem));
        log().warn({ error }, `video: the picture of a look was not sent: ${error}`);
      })
      .finally(stop);
  };
  const stop = () => {
    clearTimeout(timer);
    closing.unsubscribe();
    session.off(FunctionToolsExecuted, onAnswered);
  };
  session.on(FunctionToolsExecuted, onAnswered);
}

async function showNow(look: RealtimeLook, over: AbortSignal): Promise<void> {
  const model = currentRealtimeSession(look.session);
  const question = newestQuestion(look.session);
  let sight: ShownLook;
  do {
    await wireIsFree(look.session, over);
    const late = limitSignal(look.timeoutMs);
    sight = await shown(look, AbortSignal.any([over, late.signal])).finally(late.clear);
  } while (sight.result === 'tool-pending');
  if (sight.result !== 'sent') throw notSent(sight.result);
  // The answer to the next question of the user has seen the picture: to continue would be a second
  // answer to it.
  if (newestQuestion(look.session) !== question) return;
  if (!model || currentRealtimeSession(look.session) !== model) return;
  // A reply would end what the user is saying with push-to-talk. The model sees the picture with it.
  if (isGoogleSession(model) && model.inUserActivity) return;
  // A model that accepts no text after its setup sees the picture with the user's next words.
  if (model.realtimeModel.capabilities.midSessionChatCtxUpdate === false) return;
  const instructions = `The ${shownBy(sight.frame)} that you requested is there now: continue with it.`;
  untilNextQuestion(look.session, look.session.generateReply({ instructions }));
}

/** An interruption by the user ends what is said, but not what waits behind it. */
function untilNextQuestion(session: voice.AgentSession, speech: voice.SpeechHandle): void {
  const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
    if (item.type === 'message' && item.role === 'user') speech.interrupt();
  };
  session.on(ConversationItemAdded, onItem);
  speech.addDoneCallback(() => session.off(ConversationItemAdded, onItem));
}

const newestQuestion = ({ history }: voice.AgentSession): llm.ChatItem | undefined =>
  history.items.findLast((item) => item.type === 'message' && item.role === 'user');

async function wireIsFree(session: voice.AgentSession, over: AbortSignal): Promise<void> {
  const isHeld = () => {
    const realtime = currentRealtimeSession(session);
    if (!realtime || !isGoogleSession(realtime)) return false;
    return realtime.shouldBlockRealtimeInputForPendingTools?.() ?? false;
  };
  while (isHeld()) await pause(WIRE_LOOK_MS, over);
}
