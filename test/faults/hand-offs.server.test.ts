import { llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import type { Held } from '../../src/testing/measure/held.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { within } from '../../src/testing/waits.ts';
import {
  Agent,
  endAgents,
  endReading,
  INSTRUCTIONS,
  textShownTo,
} from '../support/faults/agent.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;
const TIMES = 20;

afterEach(endAgents, SLOW);
afterAll(() => endReading());

describeWithServer('hand-offs in quick succession', (server) => {
  test(
    'each agent gets the picture of its own turn, and none leaves anything behind',
    async () => {
      const room = await RealRoom.withAgent(server());
      const agent = await Agent.start(room);
      const user = await room.join('user');
      const camera = await user.share('camera');
      await agent.see(camera);
      let before: Held | undefined;

      for (let time = 1; time <= TIMES; time++) {
        const model = new RecordingLLM();
        const next = new voice.Agent({
          id: `agent-${time}`,
          instructions: INSTRUCTIONS,
          llm: model,
        });
        await handOff(agent, next);
        await agent.session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
        expect(model.requests).toHaveLength(1);
        expect(model.last.ownPictures).toHaveLength(1);
        if (time === 1 || time === TIMES)
          expect(await textShownTo(model.last)).toContain(camera.text);
        // The first hand-off creates what all share.
        before ??= agent.held;
      }

      expect(agent.model.requests, 'the first agent is asked no more').toEqual([]);
      await agent.untilHoldsNoMoreThan(before as Held);
      expect(agent.video.metrics().turns.attached).toBe(TIMES);
      expect(agent.errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'each realtime session gets the video, and earlier ones get no more',
    async () => {
      const fake = new FakeGeminiLive();
      const { baseUrl } = await fake.listen();
      const room = await RealRoom.withAgent(server());
      const agent = await Agent.start(room, {
        llm: new google.realtime.RealtimeModel({
          apiKey: 'k',
          httpOptions: { baseUrl },
          instructions: INSTRUCTIONS,
        }),
      });
      try {
        const user = await room.join('user');
        const first = fake.nextFrame();
        await user.share('camera');
        await first;
        let before: Held | undefined;
        for (let time = 1; time <= TIMES; time++) {
          const name = `look${time}`;
          const tools = [
            llm.tool({
              name,
              description: 'Looks.',
              parameters: z.object({}),
              execute: async () => '',
            }),
          ];
          await handOff(
            agent,
            new voice.Agent({ id: `agent-${time}`, instructions: INSTRUCTIONS, tools }),
          );
          // Other tools need another session of the model.
          await fake.until(() => fake.connections.at(-1)?.toolNames[0] === name, name);
          const { id } = fake.connection;
          const seen = () => fake.frames.some(({ connection }) => connection === id);
          await fake.until(seen, `picture on connection ${id}`);
          before ??= agent.held;
        }
        await fake.until(
          () => fake.connections.filter(({ isOpen }) => isOpen).length === 1,
          'one open connection',
        );
        const order = fake.frames.map(({ connection }) => connection);
        expect(order, 'no picture goes to an earlier session').toEqual(
          [...order].sort((a, b) => a - b),
        );
        await agent.untilHoldsNoMoreThan(before as Held);
        expect(fake.violations).toEqual([]);
        expect(agent.errors).toEqual([]);
      } finally {
        await agent.close();
        await fake.close();
      }
    },
    SLOW,
  );
});

/** Resolves when the next agent has taken over. */
async function handOff({ video, session }: Agent, next: voice.Agent): Promise<void> {
  const handedOff = new Promise<void>((resolve) => {
    const stop = video.on('agent.handedOff', ({ agentId }) => {
      if (agentId !== next.id) return;
      stop();
      resolve();
    });
  });
  session.updateAgent(next);
  await within(`hand-off to ${next.id}`, handedOff);
  await within('idle session', session.waitForIdle());
}
