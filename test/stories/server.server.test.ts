import { expect, test } from 'vitest';
import { runStory, type StoryOptions } from '../../src/testing/story/run-story.ts';
import type { Step } from '../../src/testing/story/steps.ts';
import { story } from '../../src/testing/story/story.ts';
import { describeWithServer } from '../support/real-parts.ts';

const CAMERA_ON: readonly Step[] = [{ do: 'join' }, { do: 'share', what: 'camera' }];
const NEW_PICTURE: Step = { do: 'show', what: 'camera' };
const guest = { who: 'guest' } as const;

describeWithServer('a story in a room of a LiveKit server', (server) => {
  const play = (steps: readonly Step[], options: StoryOptions = {}) =>
    runStory(story(steps), { ...options, server: server() });

  /** Plays a story that must break nothing. Resolves with how often each promise was checked. */
  async function kept(...steps: readonly Step[]): Promise<Record<string, number>> {
    const { promises, failures, unmeasured } = await play(steps);
    expect(
      failures.map(({ promise, step, message }) => `${promise}, step ${step}: ${message}`),
    ).toEqual([]);
    expect(unmeasured).toBeUndefined();
    return Object.fromEntries(
      Object.entries(promises).map(([promise, count]) => [promise, count.checked]),
    );
  }

  test('an agent with an avatar is heard, and silent when the user interrupts it', async () => {
    const { promises, failures, unmeasured } = await play([
      { do: 'join' },
      { do: 'start', agent: 'pipeline', avatar: 'well' },
      { do: 'say', ms: 800 },
      { do: 'say', ms: 2400, wait: false },
      { do: 'bargeIn' },
      { do: 'say', ms: 600 },
    ]);
    expect(failures.map(({ message }) => message)).toEqual([]);
    expect(unmeasured).toBeUndefined();
    expect(promises.heard.checked + promises.heard.unmeasured).toBe(3);
  });

  test('each turn after a hand-off between models has the newest picture', async () => {
    const turn: Step[] = [NEW_PICTURE, { do: 'type' }];
    const { seen } = await kept(
      ...CAMERA_ON,
      ...turn,
      { do: 'handOff', to: 'gemini' },
      ...turn,
      { do: 'handOff', to: 'openai' },
      ...turn,
      { do: 'handOff', to: 'pipeline' },
      ...turn,
    );
    expect(seen).toBeGreaterThanOrEqual(4);
  });

  test('turns show the source that is shared last, and nothing that is muted or gone', async () => {
    await kept(
      ...CAMERA_ON,
      { do: 'type' },
      { do: 'share', what: 'screen' },
      { do: 'type' },
      { do: 'unshare', what: 'screen' },
      NEW_PICTURE,
      { do: 'type', wait: false },
      { do: 'mute', what: 'camera' },
      { do: 'type' },
      { do: 'unmute', what: 'camera' },
      { do: 'type' },
      { do: 'rejoin' },
      { do: 'type' },
    );
  });

  test('an agent whose network is cut answers with the newest picture when it is back', async () => {
    await kept(
      ...CAMERA_ON,
      { do: 'type' },
      { do: 'reconnect', how: 'resume' },
      { do: 'type' },
      { do: 'reconnect', how: 'full' },
      { do: 'type' },
    );
  });

  test('a picture of a participant whom the agent does not serve is found', async () => {
    const both: Step[] = [
      ...CAMERA_ON,
      { do: 'join', ...guest },
      { do: 'share', what: 'camera', ...guest },
    ];
    // Stays with the user, whatever the link.
    const video = { input: { source: { identity: 'user' } } } as const;
    const steps: Step[] = [...both, { do: 'setParticipant', ...guest }, { do: 'type' }];
    const { failures } = await play(steps, { video });
    expect(failures.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/picture . of the camera of user: not served/),
    );
  });

  test('a story that cannot reach its server is not judged', async () => {
    const nowhere = { ...server(), apiSecret: 'another secret of the right length' };
    const { unmeasured, failures, promises } = await runStory(story([]), { server: nowhere });
    expect(unmeasured).toMatch(/join of the/);
    expect([failures, promises.answered]).toEqual([[], { checked: 0, broken: 0, unmeasured: 1 }]);
  });
});
