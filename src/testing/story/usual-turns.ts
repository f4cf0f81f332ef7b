import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { encodeFrame } from '../../frames/encode.ts';
import { greyFrame } from '../camera/levels.ts';
import { AGENT } from '../identities.ts';
import type { ServerAccess } from '../livekit-server.ts';
import { network } from '../network-fault.ts';
import { joinRoom, leaveRoom, uniqueRoomName } from '../rooms.ts';
import { within } from '../waits.ts';
import { INSTRUCTIONS, StoryModels } from './models.ts';
import { questionText, StoryRecord } from './record.ts';
import { INPUT, SILENT } from './stage.ts';
import type { AgentKind, Story } from './steps.ts';

const TURNS = 5;

let warmedUp: Promise<unknown> | undefined;

/** Measured once per process, by the kind of agent and the server. */
const measured = new Map<string, Promise<number>>();

/**
 * The longest of some typed turns without video in this process, in ms, for each kind of agent in
 * the story. The story's turns are compared with it.
 *
 * @param server - The agent is in a room of this server. By default, it has no room.
 */
export async function usualTurns(
  story: Story,
  server?: ServerAccess,
): Promise<(kind: AgentKind) => number> {
  // The first encoding of a process loads libraries, which takes longer than any budget.
  warmedUp ??= encodeFrame(greyFrame(0));
  await warmedUp;
  const kinds = story.flatMap((step) =>
    step.do === 'start' ? [step.agent] : step.do === 'handOff' ? [step.to] : [],
  );
  const times = new Map<AgentKind, number>();
  for (const kind of new Set(kinds)) {
    const key = `${kind} ${server?.url}`;
    const longest = measured.get(key) ?? longestTurn(kind, server);
    measured.set(key, longest);
    // One that failed is measured again by the next story.
    longest.catch(() => measured.delete(key));
    times.set(kind, await longest);
  }
  return (kind) => times.get(kind) ?? 0;
}

async function longestTurn(kind: AgentKind, server?: ServerAccess): Promise<number> {
  const models = new StoryModels(new StoryRecord());
  const { llm } = await models.get(kind);
  const room = server && (await joinControl(server));
  const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
  const agent = new voice.Agent({ instructions: INSTRUCTIONS, llm });
  await session.start({ agent, ...(room ? { room, ...INPUT, ...SILENT } : {}) });
  const times: number[] = [];
  for (let number = 1; number <= TURNS; number++) {
    const from = performance.now();
    const answered = new Promise<void>((resolve) => {
      session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
        if (item.type === 'message' && item.role === 'assistant') resolve();
      });
    });
    session.generateReply({ userInput: questionText(number) });
    await within('answer of the control without video', answered);
    times.push(performance.now() - from);
  }
  await session.close();
  await models.close();
  if (room) await leaveRoom(room);
  return Math.ceil(Math.max(...times));
}

const joinControl = (server: ServerAccess): Promise<Room> =>
  network(
    'join of the control',
    joinRoom(server, uniqueRoomName('control'), AGENT, { kind: 'agent' }),
  );
