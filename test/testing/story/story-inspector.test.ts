import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { StoryInspector } from '../../../src/testing/story/story-inspector.ts';

test('a story inspector asks for pixels, and keeps each picture', async () => {
  const inspector = await StoryInspector.start();
  expect(inspector.option).toMatchObject({ pixels: true });
  const agent = new WebSocket(inspector.option.url);
  const [text] = await once(agent, 'message');
  expect(JSON.parse(String(text))).toEqual({
    ...{ type: '@sightline.welcome', version: 1, pixels: true },
  });
  await inspector.connected;
  const send = (message: object) => agent.send(JSON.stringify(message));
  send({ type: '@sightline.picture', data: Buffer.from('one').toString('base64') });
  send({ type: '@sightline.picture' });
  send({ type: '@xstate.event', data: 'eA==' });
  send({ type: '@sightline.picture', data: Buffer.from('two').toString('base64') });
  agent.ping();
  await once(agent, 'pong');
  expect(inspector.pictures.map(String)).toEqual(['one', 'two']);
  const { url } = inspector.option;
  const closed = once(agent, 'close');
  await inspector.close();
  await closed;
  await expect(once(new WebSocket(url), 'open')).rejects.toThrow('ECONNREFUSED');
});
