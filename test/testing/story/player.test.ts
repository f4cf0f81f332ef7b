import { describe, expect, test, vi } from 'vitest';
import { networkFault } from '../../../src/testing/network-fault.ts';
import { deferred, settled } from '../../../src/testing/simulated-clock.ts';
import { Player } from '../../../src/testing/story/player.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import type { StoryStage } from '../../../src/testing/story/stage.ts';
import type { Step } from '../../../src/testing/story/steps.ts';

/** A loopback room in which nothing happens. */
const roomWith = (more: object = {}) => ({
  ...{ hasLink: false, hasDelay: false, hasOwnRooms: false },
  ...{ leave: () => {}, publish: () => {}, setMuted: () => {} },
  ...more,
});

/** A stage that records what a player does with it. */
function stage(more: object = {}) {
  const record = new StoryRecord();
  const did: string[] = [];
  const note =
    (what: string) =>
    async (...values: unknown[]) => {
      did.push([what, ...values.map((value) => JSON.stringify(value))].join(' '));
    };
  const made = {
    ...{ record, isMasked: false, isClosing: false, agent: 'pipeline' },
    room: roomWith({ reconnect: note('reconnect') }),
    session: { interrupt: () => did.push('interrupt') },
    stalls: { isOver: () => true, between: () => 0 },
    start: note('start'),
    join: note('join'),
    handOff: note('handOff'),
    end: note('end'),
    video: {
      setMode: note('setMode'),
      pinSource: note('pinSource'),
    },
    application: { look: note('look'), takeLatest: note('takeLatest') },
    speech: {
      say: async (_session: unknown, step: number, ms: number) =>
        void did.push(`say ${step} ${ms}`),
      heard: note('heard'),
      missed: () => void did.push('missed'),
      die: note('die'),
      leave: note('leave'),
      swap: async (_video: unknown, to: string) => void did.push(`swap ${to}`),
    },
    ...more,
  };
  const player = new Player(made as unknown as StoryStage);
  const cuts = vi.spyOn(record, 'cutOff');
  const play = async (...steps: Step[]) => {
    await player.play(steps);
    return did.splice(0);
  };
  const problems = () => record.problems.map(({ step, what }) => `${step} ${what}`);
  return { player, record, made, play, problems, cuts, did };
}

describe('the player of a story', () => {
  test('steps are played in order, and those that move the conversation are noted', async () => {
    const { play, record, player, problems } = stage();
    const did = await play(
      { do: 'start', agent: 'gemini' },
      { do: 'join' },
      { do: 'still', ms: 0 },
      { do: 'handOff', to: 'openai' },
      { do: 'mode', mode: 'onDemand' },
      { do: 'pin', what: 'screen' },
      { do: 'close' },
    );
    expect(did).toEqual([
      'start {"do":"start","agent":"gemini"}',
      'join "user"',
      'handOff "openai"',
      'setMode "onDemand"',
      'pinSource "screen"',
      'end "video"',
    ]);
    expect(record.moves).toHaveLength(3);
    for (const { from, to = 0 } of record.moves) expect(to).toBeGreaterThanOrEqual(from);
    expect([player.world.mode, player.world.served]).toEqual(['onDemand', 'user']);
    expect(problems()).toEqual([]);
    expect(await stage().play({ do: 'close', what: 'agent' })).toEqual(['end "agent"']);
  });

  test('a step that fails is a problem with its number, and the next ones are played', async () => {
    const fail = () => Promise.reject(new Error('no'));
    const { play, problems } = stage({ handOff: fail, start: () => Promise.reject('never') });
    const did = await play(
      { do: 'handOff', to: 'openai' },
      { do: 'mode', mode: 'off' },
      { do: 'start', agent: 'gemini' },
      { do: 'unshare', what: 'camera' },
    );
    expect(did).toEqual(['setMode "off"']);
    expect(problems()).toEqual([
      '0 handOff: no',
      '2 start: never',
      '3 unshare: user does not share the camera',
    ]);
  });

  test('the next step does not wait for one that says so, and the end does', async () => {
    const slow = deferred<void>();
    const { player, did, problems } = stage({ handOff: () => slow.promise });
    let isOver = false;
    const played = player
      .play([
        { do: 'handOff', to: 'openai', wait: false },
        { do: 'mode', mode: 'off' },
      ])
      .then(() => {
        isOver = true;
      });
    while (did.length === 0) await settled();
    expect(did).toEqual(['setMode "off"']);
    await settled();
    expect(isOver).toBe(false);
    slow.resolve();
    await played;
    expect(problems()).toEqual([]);
  });

  test('a person who rejoins shares the same source before a step that does not wait for it', async () => {
    const { play, player, problems } = stage({ speech: undefined });
    await play(
      { do: 'join' },
      { do: 'share', what: 'camera' },
      { do: 'rejoin', wait: false },
      { do: 'mute', what: 'camera' },
    );
    await player.close();
    expect(problems()).toEqual([]);
  });

  test('over a network, a step of people is always waited for', async () => {
    const news = deferred<void>();
    const room = roomWith({ hasDelay: true, leave: () => news.promise });
    const { player, did } = stage({ room, speech: undefined });
    const played = player.play([
      { do: 'join' },
      { do: 'leave', wait: false },
      { do: 'mode', mode: 'off' },
    ]);
    for (let turn = 0; turn < 5; turn++) await settled();
    expect(did).toEqual(['join "user"']);
    news.resolve();
    await played;
    expect(did).toEqual(['join "user"', 'setMode "off"']);
  });

  test('a failure of the network is no problem of the story', async () => {
    const room = roomWith({ hasDelay: true, leave: () => Promise.reject(networkFault('gone')) });
    const { play, record, problems } = stage({ room, speech: undefined });
    await play({ do: 'join' }, { do: 'leave' });
    expect(problems()).toEqual([]);
    expect(record.networkFaults).toEqual([expect.stringMatching(/^leave: gone/)]);
  });

  test('a reconnect is always waited for', async () => {
    const slow = deferred<void>();
    const { player, did } = stage({ room: roomWith({ reconnect: () => slow.promise }) });
    const played = player.play([
      { do: 'reconnect', how: 'resume', wait: false },
      { do: 'mode', mode: 'off' },
    ]);
    await settled();
    await settled();
    expect(did).toEqual([]);
    slow.resolve();
    await played;
    expect(did).toEqual(['setMode "off"']);
  });

  test('an interruption and a close cut off the answers', async () => {
    const { play, cuts } = stage();
    expect(await play({ do: 'interrupt' }, { do: 'close' })).toEqual(['interrupt', 'end "video"']);
    expect(cuts.mock.calls).toEqual([['interrupt'], ['close']]);
  });

  test('the steps of speech go to the speech, which a story without it does not have', async () => {
    const { play, cuts } = stage();
    const did = await play(
      { do: 'say', ms: 400 },
      { do: 'bargeIn' },
      { do: 'avatarDies' },
      { do: 'avatarLeaves' },
      { do: 'avatarSwapped', to: 'none' },
    );
    expect(did).toEqual(['say 0 400', 'heard', 'interrupt', 'die', 'leave', 'swap none']);
    expect(cuts.mock.calls).toEqual([['bargeIn']]);
    const silent = stage({ speech: undefined });
    await silent.play({ do: 'bargeIn' });
    expect(silent.problems()).toEqual(['0 bargeIn: the agent of this story is not heard']);
  });

  test('a user who leaves or rejoins misses speech, and a guest does not', async () => {
    const guest = { who: 'guest' } as const;
    const { play } = stage();
    const joined: Step[] = [{ do: 'join' }, { do: 'join', ...guest }];
    expect(await play(...joined, { do: 'rejoin', ...guest }, { do: 'leave', ...guest })).toEqual([
      'join "user"',
      'join "guest"',
      'join "guest"',
    ]);
    expect(await play({ do: 'rejoin' }, { do: 'leave' })).toEqual([
      'missed',
      'join "user"',
      'missed',
    ]);
  });

  test('the application looks at a source, and an error of it is a problem', async () => {
    const { play, made, problems } = stage();
    expect(await play({ do: 'still', ms: 0 }, { do: 'look', what: 'camera' })).toEqual([
      'look 1 "camera"',
    ]);
    made.application.look = () => Promise.reject(new Error('x'));
    await play({ do: 'look' });
    expect(problems()).toEqual(['0 look: x']);
  });

  test('after each step of a story with a mask, the application takes the newest picture', async () => {
    const { play, made, problems } = stage({ isMasked: true });
    expect(await play({ do: 'still', ms: 0 }, { do: 'still', ms: 0 })).toEqual([
      'takeLatest 0',
      'takeLatest 1',
    ]);
    made.application.takeLatest = () => Promise.reject(new Error('x'));
    await play({ do: 'still', ms: 0 });
    expect(problems()).toEqual(['0 latestFrame(): x']);
  });
});

describe('the network of a story', () => {
  const serviceOf = (isOpen: boolean) => {
    const did: string[] = [];
    const service = {
      connections: [{ isOpen }],
      closeConnection: (code: number) => did.push(`close ${code}`),
      refuseConnections: (how: unknown) => did.push(`refuse ${JSON.stringify(how)}`),
      acceptConnections: async () => void did.push('accept'),
      nextConnection: async (limitMs: number) => void did.push(`next ${limitMs}`),
    };
    return { did, model: { service } };
  };

  test('only an open connection is dropped, with the code, and the next one is awaited', async () => {
    const { did, model } = serviceOf(true);
    const { play, cuts } = stage({ model });
    await play({ do: 'drop', code: 1011 });
    expect(did).toEqual(['next 4000', 'close 1011']);
    expect(cuts.mock.calls).toEqual([['drop']]);
    const closed = serviceOf(false);
    const without = stage({ model: closed.model });
    await without.play({ do: 'drop', code: 1011 });
    expect([closed.did, without.cuts.mock.calls, without.problems()]).toEqual([[], [], []]);
  });

  test('a service refuses for a while, and accepts again', async () => {
    const { did, model } = serviceOf(true);
    const { play, cuts, problems } = stage({ model });
    await play({ do: 'refuse', how: '503', ms: 0 });
    expect(did.splice(0)).toEqual(['refuse {"status":503}', 'close 1006', 'next 4000', 'accept']);
    expect(cuts.mock.calls).toEqual([['refuse']]);
    const closed = serviceOf(false);
    const second = stage({ model: closed.model });
    await second.play({ do: 'refuse', how: 'tcp', ms: 0 });
    expect(closed.did).toEqual(['refuse "tcp"', 'next 4000', 'accept']);
    await stage({ model: {} }).play({ do: 'refuse', how: 'tcp', ms: 0 });
    expect(problems()).toEqual([]);
  });
});

describe('the switches of the people of a story', () => {
  const withRooms = (answer: () => Promise<string>) => {
    const calls: object[] = [];
    const localParticipant = {
      performRpc: (call: object) => {
        calls.push(call);
        return answer();
      },
    };
    const of = (who: string) => ({ who, localParticipant });
    const agent = { localParticipant: { identity: 'agent' } };
    const room = roomWith({ of, agent, hasOwnRooms: true });
    return { calls, ...stage({ room }) };
  };
  const JOIN: Step = { do: 'join' };
  const OFF: Step = { do: 'modeByUser', mode: 'off' };

  test('a person who is served switches the video, which is uncertain until the answer', async () => {
    const { play, player, calls, problems } = withRooms(async () => '{"mode":"off"}');
    await play(JOIN, OFF);
    expect(calls).toMatchObject([{ destinationIdentity: 'agent', payload: '{"mode":"off"}' }]);
    expect(player.world.mode).toBe('off');
    expect(player.world.watched.some(({ isUncertain }) => isUncertain)).toBe(true);
    expect(problems()).toEqual([]);
  });

  test('a refusal of the person who is served is a problem', async () => {
    const { play, player, problems } = withRooms(() => Promise.reject(new Error('refused')));
    await play(JOIN, OFF);
    expect(problems()).toEqual(['1 modeByUser: refused']);
    expect(player.world.mode).toBe('sampled');
  });

  test('a person who is not served must be refused', async () => {
    const guest: Step[] = [JOIN, { do: 'join', who: 'guest' }, { ...OFF, who: 'guest' }];
    const refused = withRooms(() => Promise.reject(new Error('refused')));
    await refused.play(...guest);
    expect(refused.problems()).toEqual([]);
    const obeyed = withRooms(async () => '{"mode":"off"}');
    await obeyed.play(...guest);
    expect(obeyed.problems()).toEqual([
      '2 modeByUser: the agent obeyed guest, whom it does not serve',
    ]);
    expect([refused.player.world.mode, obeyed.player.world.mode]).toEqual(['sampled', 'sampled']);
  });
});
