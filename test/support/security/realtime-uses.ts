import type WebSocket from 'ws';
import { everyFrame } from '../../../src/sampling/samplers.ts';
import type { Replier } from '../../../src/testing/fakes/reply.ts';
import { asker } from '../../../src/watch/question.ts';
import { liveStage, type ProviderName, type RealtimeStage } from '../realtime-stage.ts';
import { Offs, type OffsDeps } from './offs.ts';
import { onSentPictures } from './sent-pictures.ts';

/** What an agent with a realtime model uses pictures for. */
export const REALTIME_PURPOSES = ['push', 'realtime judge'] as const;

const QUESTION = 'Is it open?';
const reply: Replier = ({ instructions, text }) =>
  `${instructions}${text}`.includes(QUESTION)
    ? { toolCalls: [{ name: 'answer', args: { answer: true } }] }
    : null;

/**
 * An agent with a realtime model that is sent each frame, and asked about frames by a watch, while
 * the video goes off and on, until the tally is full.
 */
export async function realtimeUnderOffs(
  provider: ProviderName,
  { camera, random, tally }: Pick<OffsDeps, 'camera' | 'random' | 'tally'>,
): Promise<void> {
  const stage = await liveStage(provider, { video: { input: { sampler: everyFrame() } } });
  stage.fake.reply = reply;
  const { video, room } = stage;
  const offs = new Offs({ video, room, camera, random, tally, awaited: 'push' });
  // The conversation's is the first; each question of the watch has one of its own.
  let conversation: WebSocket | undefined;
  const { url } = await stage.fake.listen();
  onSentPictures(url, (pictures, socket) => {
    conversation ??= socket;
    const purpose = socket === conversation ? 'push' : 'realtime judge';
    offs.leaves(purpose, [purpose], pictures);
  });
  await Promise.all([offs.run(), push(offs), judge(stage, offs)]);
}

/** Each frame is on its way to the model as soon as it is there. */
async function push(offs: Offs): Promise<void> {
  let over = () => {};
  while (await offs.fresh()) {
    over();
    over = offs.begin('push');
  }
}

/** A watch asks about frames, one after the other. */
async function judge({ model }: RealtimeStage, offs: Offs): Promise<void> {
  const ask = asker<boolean>({ llm: model, question: QUESTION, answer: { type: 'boolean' } });
  const { signal } = new AbortController();
  for (;;) {
    const frame = await offs.fresh();
    if (!frame) return;
    const over = offs.begin('realtime judge');
    // A frame that was taken away meanwhile is refused.
    await Promise.resolve(ask(frame, { signal })).catch(() => undefined);
    over();
  }
}
