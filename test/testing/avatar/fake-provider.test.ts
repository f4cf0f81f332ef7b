import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeProvider } from '../../../src/testing/avatar/fake-provider.ts';
import type { HiredAvatar } from '../../../src/testing/avatar/hired-avatar.ts';
import type { Call } from '../../../src/testing/avatar/strict-server.ts';
import { Arrivals } from '../../../src/testing/fakes/waiting.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';

/** A provider whose avatars join as a test says. */
class Provider extends FakeProvider {
  readonly left: string[] = [];
  readonly asked = new Arrivals<string>();
  join: () => Promise<HiredAvatar> = async () =>
    ({ leave: async () => void this.left.push('left') }) as unknown as HiredAvatar;

  protected async answer({ path }: Call) {
    const answered = this.misbehave();
    this.asked.arrived(path);
    await answered;
    if (path === '/avatars') this.send(() => this.join());
    return { path };
  }
}

let provider: Provider;
beforeEach(async () => {
  provider = new Provider();
  await provider.open();
});
afterEach(() => provider.close());

const ask = (path = '/') => fetch(`${provider.url}${path}`);

test('a provider answers, and sends an avatar that leaves at the end', async () => {
  expect(await (await ask('/avatars')).json()).toEqual({ path: '/avatars' });
  await settled();
  expect([provider.avatars.length, provider.events]).toEqual([1, ['joined']]);
  await provider.close();
  expect(provider.left).toEqual(['left']);
  await provider.open();
});

test('an avatar that cannot join is an event of its provider', async () => {
  provider.join = () => Promise.reject(new Error('full'));
  await ask('/avatars');
  await settled();
  expect([provider.avatars.length, provider.events]).toEqual([0, ['did not join: Error: full']]);
});

test('a provider refuses with the status of a test, until the test ends it', async () => {
  provider.fault = { status: 402 };
  expect((await ask()).status).toBe(402);
  expect(provider.refusals).toEqual(['402 Error: refused by the test']);
  provider.fault = undefined;
  expect((await ask()).status).toBe(200);
});

test('a late provider answers when the test says so, and a silent one never', async () => {
  let isAnswered = false;
  provider.fault = 'late';
  const late = provider.asked.next('the late call');
  const answered = ask().then(() => {
    isAnswered = true;
  });
  await late;
  provider.fault = 'silent';
  const silent = provider.asked.next('the silent call');
  const unanswered = ask().catch((error: unknown) => error);
  await silent;
  provider.fault = undefined;
  await ask();
  expect(isAnswered).toBe(false);
  provider.answerNow();
  await answered;
  await provider.close();
  expect(await unanswered).toBeInstanceOf(Error);
  await provider.open();
});
