import { llm } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { mayStillShow } from '../frames/gate.ts';
import { takenAway } from '../frames/seen-frame.ts';
import { isOpenAISession } from '../models/openai.ts';
import { realtimeVideoSink } from '../models/realtime-sink.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import { abortable } from './abortable.ts';
import type { WantedAnswer } from './answer.ts';
import { WatchError } from './watch-error.ts';
import type { WatchDetector } from './watch-options.ts';

export interface RealtimeQuestion<Answer> {
  model: llm.RealtimeModel;
  question: string;
  wanted: WantedAnswer<Answer>;
  /** In place of the picture that suits the model. */
  image: EncodeOptions | undefined;
}

/** How long a connection may take, in ms: sooner than the plugins give up, which they do loudly. */
const CONNECT_TIMEOUT_MS = 4000;
/** No plugin tells when its connection is there: it is looked for this often, in ms. */
const CONNECT_LOOK_MS = 20;

const TOOL = 'answer';
const INSTRUCTIONS =
  'You get one picture of a live video, and a question about it. ' +
  `Say nothing: answer with one call of the tool ${TOOL}.`;

/**
 * Asks a realtime model about each frame; its answer comes back as the call of a tool. Each
 * question has a connection of its own, which ends with the answer: nothing piles up, a late
 * answer is never taken for the next one, and the conversation is left alone. What the model may
 * say instead is heard by nobody. OpenAI is made to call the tool; Gemini can only be told to.
 *
 * @throws OptionError where the answer's schema cannot be shown to a model.
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
    const session = model.session();
    const failed = new AbortController();
    session.on('error', ({ error, recoverable }: llm.RealtimeModelError) => {
      if (!recoverable) failed.abort(error);
    });
    const over = AbortSignal.any([signal, failed.signal]);
    try {
      // Before it connects: OpenAI's sink has to see that, and Gemini would connect once more.
      const sink = realtimeVideoSink(session, { keepPictures: 1 });
      await session.updateTools(tools);
      if (isOpenAISession(session)) session.updateOptions({ toolChoice: 'required' });
      // While it connects.
      const [picture] = await Promise.all([
        frame.encode(image ?? sink.picture),
        connected(sink, over),
      ]);
      if (!mayStillShow(frame)) throw takenAway();
      const result = sink.push(picture);
      if (result !== 'sent') throw new WatchError('model', `the picture did not go: ${result}`);
      const asked = session.generateReply(`${INSTRUCTIONS}\n${question}`, { signal: over });
      return wanted.take(await abortable(asked.then(answerIn), over));
    } finally {
      await ended(session);
    }
  };
}

function answerTool({ shown }: WantedAnswer<unknown>) {
  if (!shown)
    throw new OptionError(
      'decide.answer',
      shown,
      'a realtime model needs a zod schema that JSON has words for, or a JSON schema',
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
    // The call is read as it comes: nobody runs it.
    execute: async () => undefined,
  });
}

/** What the model called the tool with. */
async function answerIn({ functionStream }: llm.GenerationCreatedEvent): Promise<unknown> {
  for await (const { name, args } of functionStream)
    if (name === TOOL) return (JSON.parse(args) as Record<string, unknown>)[TOOL];
  throw new WatchError('answer', 'the model gave no answer: it did not call the tool');
}

/**
 * OpenAI's plugin closes its socket when it next sends something, and after `close()` nothing would
 * be sent: this clears a buffer that is empty.
 */
async function ended(session: llm.RealtimeSession): Promise<void> {
  await session.close();
  await session.clearAudio();
}

async function connected(sink: RealtimeVideoSink, signal: AbortSignal): Promise<void> {
  const limit = performance.now() + CONNECT_TIMEOUT_MS;
  while (!sink.connection()) {
    if (performance.now() > limit)
      throw new WatchError('model', `no connection within ${CONNECT_TIMEOUT_MS} ms`);
    await abortable(new Promise((resolve) => setTimeout(resolve, CONNECT_LOOK_MS)), signal);
  }
}
