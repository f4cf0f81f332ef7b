import { expect, test } from 'vitest';
import { setVideoMode, videoMode } from '../../src/client/index.ts';

const agent = (attributes: Record<string, string>) => ({ identity: 'agent', attributes });

test("an agent's attribute has its mode, or none", () => {
  expect(videoMode(agent({ 'sightline.mode': 'off' }))).toBe('off');
  expect(videoMode(agent({ 'sightline.mode': 'sampled' }))).toBe('sampled');
  // An attribute that was removed is empty.
  for (const attributes of [{}, { 'sightline.mode': '' }, { 'sightline.mode': 'asleep' }])
    expect(videoMode(agent(attributes as Record<string, string>))).toBeUndefined();
});

test('switching the mode is an RPC to the agent, whose answer counts', async () => {
  const calls: object[] = [];
  const roomThat = (answers: string) => ({
    localParticipant: {
      performRpc: async (params: object) => {
        calls.push(params);
        return answers;
      },
    },
  });
  expect(await setVideoMode(roomThat('{"mode":"off"}'), agent({}), 'off')).toBe('off');
  expect(calls).toMatchObject([
    {
      destinationIdentity: 'agent',
      method: 'sightline.mode',
      payload: '{"mode":"off"}',
      // A page must not wait for an agent that does not answer.
      responseTimeout: 5000,
    },
  ]);
  await expect(setVideoMode(roomThat('{"mode":1}'), agent({}), 'off')).rejects.toThrow('answered');
  // A page may show the message, and the answer may be of any length.
  const long = JSON.stringify({ mode: 'a'.repeat(10_000) });
  const error = await setVideoMode(roomThat(long), agent({}), 'off').catch((one: Error) => one);
  expect(String(error).length).toBeLessThan(200);
});
