import { expect, test } from 'vitest';
import { type Call, Refusal, StrictServer } from '../../../src/testing/avatar/strict-server.ts';

test('a provider answers with JSON, or refuses with a status and a reason that is recorded', async () => {
  const calls: Call[] = [];
  const server = new StrictServer(async (call) => {
    calls.push(call);
    if (call.path === '/refused') throw new Refusal(402, 'no credit');
    if (call.path === '/broken') throw new Error('oh');
    return { id: 1 };
  });
  const url = await server.open();
  const ask = async (path: string, body = '{"a":1}') => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      body,
      headers: { 'x-key': 'k' },
    });
    return [response.status, response.headers.get('content-type'), await response.json()];
  };
  const type = 'application/json';
  expect(await ask('/avatars')).toEqual([200, type, { id: 1 }]);
  expect(await ask('/refused')).toEqual([402, type, { error: 'Error: no credit' }]);
  expect(await ask('/broken', 'x')).toEqual([500, type, { error: 'Error: oh' }]);
  expect(calls[0]).toMatchObject({
    ...{ method: 'POST', path: '/avatars', body: { a: 1 } },
    headers: { 'x-key': 'k' },
  });
  expect(calls[2]?.body).toBeUndefined();
  expect(server.refusals).toEqual(['402 Error: no credit', '500 Error: oh']);
  await server.close();
  await expect(fetch(url)).rejects.toThrow();
});

test('the close of a provider ends calls that were not answered', async () => {
  let asked = () => {};
  const waiting = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = new StrictServer(() => {
    asked();
    return new Promise(() => {});
  });
  const call = fetch(await server.open());
  const failed = expect(call).rejects.toThrow();
  await waiting;
  await server.close();
  await failed;
});
