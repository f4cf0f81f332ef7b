import { expect, test } from 'vitest';
import { setWatchMode, watchMode } from '../../src/client/index.ts';

const agent = (attributes: Record<string, string>) => ({ identity: 'agent', attributes });

test('an agent tells its mode, or none', () => {
  expect(watchMode(agent({ 'sightline.mode': 'off' }))).toBe('off');
  expect(watchMode(agent({ 'sightline.mode': 'sampled' }))).toBe('sampled');
  // An attribute that was taken back is empty.
  for (const attributes of [{}, { 'sightline.mode': '' }, { 'sightline.mode': 'asleep' }])
    expect(watchMode(agent(attributes as Record<string, string>))).toBeUndefined();
});

test('a switch is a call of the agent, whose answer counts', async () => {
  const calls: object[] = [];
  const roomThat = (answers: string) => ({
    localParticipant: {
      performRpc: async (params: object) => {
        calls.push(params);
        return answers;
      },
    },
  });
  expect(await setWatchMode(roomThat('{"mode":"off"}'), agent({}), 'off')).toBe('off');
  expect(calls).toMatchObject([
    { destinationIdentity: 'agent', method: 'sightline.mode', payload: '{"mode":"off"}' },
  ]);
  await expect(setWatchMode(roomThat('{"mode":1}'), agent({}), 'off')).rejects.toThrow('answered');
});
