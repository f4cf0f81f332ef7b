import { expect, test } from 'vitest';
import { fromAvatar, toAvatar } from '../../../src/avatar/worker/local-avatar-messages.ts';

const job = {
  ...{ url: 'ws://server', token: 'token', name: '', agentIdentity: 'agent' },
  format: { width: 512, height: 512, fps: 25, sampleRate: 24_000, channels: 1 },
};

test('the process of an avatar accepts a stop, and a start with a whole job', () => {
  expect(toAvatar({ type: 'stop', job: 'ignored' })).toEqual({ type: 'stop' });
  expect(toAvatar({ type: 'start', job })).toEqual({ type: 'start', job });
});

test.each(['url', 'token', 'name', 'agentIdentity', 'format'])(
  'a start without the field %s is not a start',
  (field) => {
    expect(toAvatar({ type: 'start', job: { ...job, [field]: undefined } })).toBeUndefined();
    expect(toAvatar({ type: 'start', job: { ...job, [field]: null } })).toBeUndefined();
  },
);

test('messages of other libraries in the same process are ignored', () => {
  for (const other of [undefined, null, 'stop', 7, {}, { type: 'other', job }, { type: 'start' }])
    expect(toAvatar(other)).toBeUndefined();
  for (const other of [undefined, null, 'joined', {}, { type: 'other' }, { type: 'fault' }])
    expect(fromAvatar(other)).toBeUndefined();
});

test('the reports of an avatar keep their fields, and a failure at most 2000 characters', () => {
  for (const type of ['joined', 'playing'])
    expect(fromAvatar({ type, extra: 1 })).toEqual({ type });
  for (const type of ['fault', 'failed']) {
    expect(fromAvatar({ type, message: 'why' })).toEqual({ type, message: 'why' });
    expect(fromAvatar({ type, message: 'x'.repeat(3000) })).toEqual({
      type,
      message: 'x'.repeat(2000),
    });
    expect(fromAvatar({ type, message: 5 })).toBeUndefined();
  }
});
