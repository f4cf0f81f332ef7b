import { Session } from 'node:inspector';
import { voice } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import { classFile } from '../../src/internals/class-file.ts';

/** What Sightline relies on in Node's inspector and in V8, beyond their documentation. */

const before = Object.getOwnPropertyNames(globalThis);

test('the file of a class is found by its [[FunctionLocation]]', () => {
  expect(classFile(voice.AgentSession)).toMatch(
    /^file:.*\/agents\/dist\/voice\/agent_session\.js$/,
  );
});

test("the inspector's session ends, also without an answer", () => {
  const ended = vi.spyOn(Session.prototype, 'disconnect');
  classFile(voice.AgentSession);
  classFile({});
  expect(ended).toHaveBeenCalledTimes(2);
  ended.mockRestore();
});

test('code that was loaded from no file has no file, and nothing is left behind', () => {
  expect(classFile(Map)).toBeUndefined();
  expect(classFile({})).toBeUndefined();
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
});
