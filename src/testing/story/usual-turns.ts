import { voice } from '@livekit/agents';
import { encodeFrame } from '../../frames/encode.ts';
import { greyFrame } from '../camera/levels.ts';
import { INSTRUCTIONS, StoryModels } from './models.ts';
import { questionText, StoryRecord } from './record.ts';
import type { AgentKind, Story } from './steps.ts';

const TURNS = 5;

let warmedUp: Promise<unknown> | undefined;

/** Measured once per process. */
const measured = new Map<AgentKind, Promise<number>>();

/**
 * The longest of some typed turns without video in this process, in ms, for each kind of agent in
 * the story. The story's turns are compared with it.
 */
export async function usualTurns(story: Story): Promise<(kind: AgentKind) => number> {
  // The first encoding of a process loads libraries, which takes longer than any budget.
  warmedUp ??= encodeFrame(greyFrame(0));
  await warmedUp;
  const kinds = story.flatMap((step) =>
    step.do === 'start' ? [step.agent] : step.do === 'handOff' ? [step.to] : [],
  );
  const times = new Map<AgentKind, number>();
  for (const kind of new Set(kinds)) {
    const longest = measured.get(kind) ?? longestTurn(kind);
    measured.set(kind, longest);
    times.set(kind, await longest);
  }
  return (kind) => times.get(kind) ?? 0;
}

async function longestTurn(kind: AgentKind): Promise<number> {
  const models = new StoryModels(new StoryRecord());
  const { llm } = await models.get(kind);
  const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
  await session.start({ agent: new voice.Agent({ instructions: INSTRUCTIONS, llm }) });
  const times: number[] = [];
  for (let number = 1; number <= TURNS; number++) {
    const from = performance.now();
    const answered = new Promise<void>((resolve) => {
      session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
        if (item.type === 'message' && item.role === 'assistant') resolve();
      });
    });
    session.generateReply({ userInput: questionText(number) });
    await answered;
    times.push(performance.now() - from);
  }
  await session.close();
  await models.close();
  return Math.ceil(Math.max(...times));
}
