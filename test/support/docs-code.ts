// The code of docs/watch.md and of the README's section about watches, for the compiler. The docs
// show the lines within the functions; `docs.test.ts` checks that they are equal.
import { type llm, voice } from '@livekit/agents';
import { z } from 'zod';
import { createLookTool, type VideoSession, VideoWatch } from '../../src/index.ts';
import type { WatchedVideo } from '../../src/watch/watched-video.ts';

/** Names that the docs use without declaring them. */
export interface Around {
  video: WatchedVideo;
  eyes: llm.LLM;
  session: voice.AgentSession;
  countPeople(picture: Uint8Array, signal: AbortSignal): Promise<number>;
  openDoor(): Promise<void>;
}

export function readme({ video, eyes, session }: Around) {
  const watch = new VideoWatch(video, {
    onSceneChange: true, // or everyMs: 5000, or schedule: ['09:00', '17:30']
    decide: { llm: eyes, question: 'Is anyone at the door?', answer: z.boolean() },
    confirm: { looks: 2, forMs: 2000 },
    act: { say: 'Good morning!' }, // or { reply }, a function, or 'event'
    session,
  });
  watch.start();
  return watch;
}

export function door({ video, eyes, session }: Around) {
  const watch = new VideoWatch(video, {
    onSceneChange: true,
    decide: {
      llm: eyes,
      question: 'Which words does a visitor hold up? An empty text if there are none.',
      answer: z.object({ text: z.string() }),
      when: ({ text }) => text !== '',
    },
    confirm: { looks: 2, forMs: 2000 },
    act: { say: ({ text }) => `I can read "${text}". I am coming to the door.` },
    coolDownMs: 30_000,
    session,
  });
  watch.start();
  return watch;
}

export function jsonSchema({ video, eyes }: Around) {
  const watch = new VideoWatch<boolean>(video, {
    everyMs: 10_000,
    decide: { llm: eyes, question: 'Is the door open?', answer: { type: 'boolean' } },
    act: 'event',
  });
  return watch;
}

export function detector({ video, countPeople }: Around) {
  const watch = new VideoWatch(video, {
    everyMs: 1000,
    decide: async (frame, { signal }) => {
      const { data } = await frame.encode();
      const people = await countPeople(data, signal);
      return { act: people > 3, people };
    },
    act: 'event',
  });
  watch.on('acted', ({ answer, frame }) => console.log(frame.receivedAt, answer.people));
  watch.start();
  return watch;
}

export function ownAct({ video, eyes, session, openDoor }: Around) {
  const watch = new VideoWatch(video, {
    schedule: ['09:00', '*/30 10-17 * * MON-FRI'],
    timeZone: 'Europe/Berlin',
    decide: { llm: eyes, question: 'Is anyone waiting outside?', answer: z.boolean() },
    act: async ({ signal }) => {
      await openDoor();
      if (!signal.aborted) await session.say('Come in!').waitForPlayout();
    },
    session,
  });
  return watch;
}

export function views<Answer>(watch: VideoWatch<Answer>) {
  watch.on('scene.changed', ({ visibility }) => {
    if (visibility === 'covered') console.warn('the camera is covered');
  });
}

export function lookTool(video: VideoSession) {
  const agent = new voice.Agent({
    instructions: 'You help with what the user shows you.',
    tools: [createLookTool(video, { timeoutMs: 5000 })],
  });
  return agent;
}

export async function lookAtTitle(video: VideoSession) {
  const title = await video.look({
    source: 'screen',
    region: { x: 0, y: 0, width: 1, height: 0.1 },
  });
  console.log(title.width, title.height, title.wasShown);
}
