import { voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { Speaker } from '../../src/avatar/speaker.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until, WAIT_LIMIT_MS } from '../../src/testing/waits.ts';

const LIMITS = {
  ...{ startTimeoutMs: WAIT_LIMIT_MS, stopTimeoutMs: WAIT_LIMIT_MS },
  ...{ playbackStartTimeoutMs: WAIT_LIMIT_MS, clearTimeoutMs: 500 },
  ...{ finishSlackMs: 2000, silentAfterMs: 500 },
};

test("the agent's own voice leaves the room when its speaker is closed", async () => {
  const room = new LoopbackRoom({ speech: true });
  const user = await room.joinAs('user');
  const speaker = new Speaker({
    ...{ session: new voice.AgentSession({ vad: null }), room: room.asRoom(), avatar: null },
    limits: LIMITS,
    onUnconfirmed: () => {},
    onError: (error) => expect.fail(String(error)),
  });
  const voices = () =>
    [...user.remoteParticipants.values()].flatMap((one) => [...one.trackPublications.values()]);
  speaker.report({ type: 'avatar.away' });
  await until('the voice', () => voices().length === 1);
  await speaker.close();
  await until('no voice', () => voices().length === 0);
  await room.disconnect();
});
