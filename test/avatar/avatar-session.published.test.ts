import { inference, type voice } from '@livekit/agents';
import type * as lemonslice from '@livekit/agents-plugin-lemonslice';
import type { Room } from '@livekit/rtc-node';
import { expect, expectTypeOf, test } from 'vitest';
import type * as anam from '../../examples/plugins/anam-1.5.0.d.ts';
import type * as bey from '../../examples/plugins/bey-1.4.2.d.ts';
import type * as hedra from '../../examples/plugins/hedra-1.7.1.d.ts';
import type { AvatarOption } from '../../src/avatar/avatar-session.ts';
import { LocalAvatar } from '../../src/index.ts';

// The compiler checks these (`npm run check`). At run time, they only show that the classes exist.

test('the published avatars are accepted as the option, directly and as a function', () => {
  expectTypeOf<lemonslice.AvatarSession>().toExtend<AvatarOption>();
  expectTypeOf<inference.AvatarSession>().toExtend<AvatarOption>();
  expectTypeOf<anam.AvatarSession>().toExtend<AvatarOption>();
  expectTypeOf<bey.AvatarSession>().toExtend<AvatarOption>();
  expectTypeOf<LocalAvatar>().toExtend<AvatarOption>();
  expectTypeOf<() => lemonslice.AvatarSession>().toExtend<AvatarOption>();
  expectTypeOf<() => bey.AvatarSession>().toExtend<AvatarOption>();
  expect([inference.AvatarSession, LocalAvatar].map((kind) => typeof kind.prototype.start)).toEqual(
    ['function', 'function'],
  );
});

test("Hedra's newest avatar is not accepted: its service is off, and its class cannot start", () => {
  expectTypeOf<hedra.AvatarSession>().not.toExtend<AvatarOption>();
  expectTypeOf<hedra.AvatarSession>().not.toHaveProperty('start');
});

// A type that does not resolve is `any` in a declaration file, and would fit everywhere.
test('the framework imports of the published avatars resolve to the installed version', () => {
  type Start = [voice.AgentSession, Room];
  type FirstTwo<T> = T extends [infer A, infer B, ...unknown[]] ? [A, B] : never;
  type StartOf<T extends { start(...options: never[]): unknown }> = FirstTwo<
    Required<Parameters<T['start']>>
  >;
  expectTypeOf<StartOf<anam.AvatarSession>>().toEqualTypeOf<Start>();
  expectTypeOf<StartOf<bey.AvatarSession>>().toEqualTypeOf<Start>();
  expectTypeOf<bey.AvatarSession>().toExtend<voice.AvatarSession>();
  expectTypeOf<anam.AvatarSession>().toExtend<voice.AvatarSession>();
  expectTypeOf<bey.AvatarSession['aclose']>().not.toBeAny();
});
