import { llm } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import { takenAway } from '../frames/consent.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { mayStillShow } from '../frames/handed-frames.ts';
import { keepOpenAIAlive } from '../internals/openai-connection.ts';
import { makeSession } from '../internals/realtime-birth.ts';
import { ModelLife } from '../models/model-life.ts';
import { isOpenAISession, opensByConstructor } from '../models/openai-session.ts';
import { realtimeVideoSink } from '../models/realtime-sink.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import { abortable, pause } from './abortable.ts';
import type { WantedAnswer } from './answer.ts';
import { WatchError } from './watch-error.ts';
import type { WatchDetector } from './watch-options.ts';

export interface RealtimeQuestion<Answer> {
  model: llm.RealtimeModel;
  question: string;
  wanted: WantedAnswer<Answer>;
  /** Replaces the model's own picture options. */
  image: EncodeOptions | undefined;
}

/**
 * Time limit of a connection, in ms. It is shorter than that of the plugins, which log an error.
 */
const CONNECT_TIMEOUT_MS = 4000;
/** Interval of the check for a connection, which no plugin reports with an event, in ms. */
const CONNECT_LOOK_MS = 20;

/** The next question has a connection of its own: one more attempt for this one, in ms. */
const RECONNECT = { attempts: 1, retryBaseMs: 250 };

const TOOL = 'answer';
const INSTRUCTIONS =
  'You get one picture of a live video, and a question about it. ' +
  `Say nothing: answer with one call of the tool ${TOOL}.`;

/**
 * Asks a realtime model about each frame; the model answers with a tool call. Each question has its
 * own connection, which is closed after the answer: no context accumulates, a late answer is never
 * taken for the next one, and the conversation is not affected. Speech of the model is discarded.
 * OpenAI can be forced to call the tool; Gemini can only be instructed to.
 *
 * @throws OptionError if the answer's schema cannot be expressed as a JSON schema.
 */
export function realtimeAsker<Answer>({
  model,
  question,
  wanted,
  image,
}: RealtimeQuestion<Answer>): WatchDetector<Answer> {
  const tools = new llm.ToolContext([answerTool(wanted)]);
  return async (frame, { signal }) => {
    signal.throwIfAborted();
    const session = askedSession(model);
    const ended = new AbortController();
    session.on('error', ({ error, recoverable }: llm.RealtimeModelError) => {
      if (!recoverable) ended.abort(error);
    });
    const over = AbortSignal.any([signal, ended.signal]);
    try {
      // Created before the connection: OpenAI's sink must see it open, and Gemini would reconnect.
      const sink = realtimeVideoSink(session, { keepPictures: 1 });
      await session.updateTools(tools);
      if (isOpenAISession(session)) session.updateOptions({ toolChoice: 'required' });
      // The look runs while the model connects.
      const [picture] = await Promise.all([
        frame.encode(image ?? sink.picture),
        connected(sink, over),
      ]);
      if (!mayStillShow(frame)) throw takenAway();
      const result = sink.push(picture);
      if (result !== 'sent') throw new WatchError('model', `the picture was not sent: ${result}`);
      const asked = session.generateReply(`${INSTRUCTIONS}\n${question}`, { signal: over });
      return wanted.take(await abortable(asked.then(answerIn), over));
    } finally {
      // Without a picture, nothing waits for the connection.
      ended.abort();
      await session.close();
    }
  };
}

/** A session for one question, of which a refused connection is an error, and not the process's end. */
function askedSession(model: llm.RealtimeModel): llm.RealtimeSession {
  const life = new ModelLife(RECONNECT, () => {});
  return makeSession(
    () => model.session(),
    (made) => {
      if (opensByConstructor(made)) keepOpenAIAlive(made, life);
    },
  );
}

function answerTool({ shown }: WantedAnswer<unknown>) {
  if (!shown)
    throw new OptionError(
      'decide.answer',
      shown,
      'a realtime model needs a JSON schema, or a zod schema that can be converted to one',
    );
  return llm.tool({
    name: TOOL,
    description: 'Takes the answer to the question.',
    parameters: {
      type: 'object',
      properties: { [TOOL]: shown },
      required: [TOOL],
      additionalProperties: false,
    },
    // The call is read from the stream; the tool is never executed.
    execute: async () => undefined,
  });
}

/** The arguments of the model's tool call. */
async function answerIn({ functionStream }: llm.GenerationCreatedEvent): Promise<unknown> {
  for await (const { name, args } of functionStream)
    if (name === TOOL) return (JSON.parse(args) as Record<string, unknown>)[TOOL];
  throw new WatchError('answer', 'the model gave no answer: it did not call the tool');
}

async function connected(sink: RealtimeVideoSink, signal: AbortSignal): Promise<void> {
  const limit = performance.now() + CONNECT_TIMEOUT_MS;
  while (!sink.connection()) {
    if (performance.now() > limit)
      throw new WatchError('model', `no connection within ${CONNECT_TIMEOUT_MS} ms`);
    await pause(CONNECT_LOOK_MS, signal);
  }
}
