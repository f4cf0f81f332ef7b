import { voice } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import { LoopbackStoryRoom } from '../../../src/testing/story/loopback-story-room.ts';
import { StoryStage } from '../../../src/testing/story/stage.ts';

const START = { do: 'start', agent: 'pipeline' } as const;
const { ConversationItemAdded, UserStateChanged } = voice.AgentSessionEventTypes;

const stages: StoryStage[] = [];
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.release()));
});

async function started(isBare = true): Promise<StoryStage> {
  const story = [START];
  const stage = new StoryStage({ isBare, story, room: new LoopbackStoryRoom(story) });
  stages.push(stage);
  await stage.start(START);
  return stage;
}

test('a hand-off of a story ends when the other agent is active, and leaves no listener', async () => {
  const stage = await started();
  const listeners = () =>
    [ConversationItemAdded, UserStateChanged].map((event) => stage.session.listenerCount(event));
  const before = listeners();
  await stage.handOff('textOnly');
  expect(stage.session.currentAgent.id).toBe('textOnly-2');
  expect(stage.agent).toBe('textOnly');
  expect(listeners()).toEqual(before);
});

test('an agent session that ends by itself is noted, and one that a story ends is not', async () => {
  const [alone, asked] = [await started(), await started()];
  await alone.session.close();
  await asked.end('agent');
  expect([typeof alone.record.closedBy, asked.record.closedBy]).toEqual(['string', undefined]);
});

test('a hand-off that is under way ends with the session', async () => {
  const stage = await started();
  vi.spyOn(stage.session, 'updateAgent').mockReturnValue(undefined as never);
  const handedOff = stage.handOff('textOnly');
  await stage.end('agent');
  await handedOff;
});

test('the release of a story closes its video, its application, and its agent session', async () => {
  const stage = await started(false);
  expect(stage.wrappedAgents).toBe(1);
  const { application, video, session } = stage;
  const closes = [application, video, session].map((part) =>
    vi.spyOn(part as { close(): Promise<void> }, 'close'),
  );
  await stage.release();
  for (const close of closes) expect(close).toHaveBeenCalled();
  expect(stage.wrappedAgents).toBe(0);
});
