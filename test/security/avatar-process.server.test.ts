import { readFile } from 'node:fs/promises';
import { voice } from '@livekit/agents';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { avatarEnvironment } from '../../src/avatar/worker/avatar-environment.ts';
import { fromAvatar, toAvatar } from '../../src/avatar/worker/local-avatar-messages.ts';
import { AGENT } from '../../src/testing/identities.ts';
import { localAvatar } from '../support/avatar/local-avatar.ts';
import { Stage } from '../support/avatar/worker-stage.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { anyJson } from '../support/security/hostile.ts';
import { PLANTED, plant } from '../support/security/planted.ts';

test('messages between the two processes are checked, and other values are dropped', () => {
  fc.assert(
    fc.property(fc.oneof(anyJson(), fc.anything()), (value) => {
      expect(toAvatar(value)?.type).toBeUndefined();
      expect(fromAvatar(value)).toBeUndefined();
      for (const type of ['start', 'fault', 'failed', '__proto__', value])
        for (const message of [
          { type, job: value },
          { type, message: value },
        ]) {
          expect(toAvatar(message)).toBeUndefined();
          const text = fromAvatar(message);
          if (text) expect(text).toEqual({ type, message: String(value).slice(0, 2000) });
        }
    }),
    { numRuns: 60 },
  );
  expect(toAvatar({ type: 'stop', job: 1 })).toEqual({ type: 'stop' });
  expect(fromAvatar({ type: 'joined', more: 1 })).toEqual({ type: 'joined' });
});

test('a local avatar gets only the environment variables that a program needs', () => {
  const own = { PATH: '/bin', HOME: '/home/a', LOG_LEVEL: 'warn', LC_ALL: 'C', ...PLANTED };
  expect(avatarEnvironment({ ...own, DATABASE_URL: 'a', NODE_OPTIONS: 'b' })).toEqual({
    ...{ PATH: '/bin', HOME: '/home/a', LOG_LEVEL: 'warn', LC_ALL: 'C', NODE_ENV: 'production' },
  });
});

describeWithServer('the process of a local avatar', (server) => {
  test('the process of a local avatar has no key in its environment or its arguments, which other users can list', async () => {
    const unplant = plant();
    const stage = new Stage(server());
    const agent = await stage.join(AGENT, 'agent');
    const avatar = localAvatar(server());
    try {
      const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
      await avatar.start(session, agent);
      const listed = await Promise.all(
        ['environ', 'cmdline'].map((name) => readFile(`/proc/${avatar.pid}/${name}`, 'utf8')),
      );
      for (const value of [...Object.values(PLANTED), server().apiSecret])
        expect(listed.join('\n')).not.toContain(value);
      expect(listed.join('\n')).not.toContain('eyJ');
      expect(await readFile(`/proc/${server().pid}/cmdline`, 'utf8')).not.toContain(
        server().apiSecret,
      );
    } finally {
      unplant();
      await avatar.aclose();
      await stage.close();
    }
  });
});
