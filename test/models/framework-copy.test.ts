import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as ownAgents from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DuplicateFrameworkError, VideoSession } from '../../src/index.ts';
import { modelKind } from '../../src/models/model-support.ts';
import { realtimeVideoSink } from '../../src/models/realtime-sink.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { watchInput } from '../../src/watch/watch-options.ts';

type Agents = typeof ownAgents;
const { voice } = ownAgents;

const require = createRequire(import.meta.url);
const OWN_FOLDER = fileURLToPath(new URL('../../node_modules/@livekit/agents', import.meta.url));
const capabilities = {} as ownAgents.llm.RealtimeCapabilities;

let dir: string;
let folder: string;
/** A second copy of the framework, in another folder and with another version. */
let second: Agents;
beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'sightline-copy-')));
  folder = join(dir, 'app', 'node_modules', '@livekit', 'agents');
  await mkdir(folder, { recursive: true });
  await cp(join(OWN_FOLDER, 'dist'), join(folder, 'dist'), { recursive: true });
  await cp(join(OWN_FOLDER, 'resources'), join(folder, 'resources'), { recursive: true });
  const about = JSON.parse(await readFile(join(OWN_FOLDER, 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...about, version: '1.8.77' }));
  // Its own dependencies are the same.
  await symlink(join(OWN_FOLDER, '..', '..'), join(dir, 'node_modules'));
  second = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
});
afterAll(() => rm(dir, { recursive: true }));

/** A realtime model as a plugin creates one, with this copy. */
function realtimeModel({ llm }: Agents): ownAgents.llm.RealtimeModel {
  class RealtimeModel extends llm.RealtimeModel {
    get model() {
      return 'some-realtime-model';
    }
    session(): never {
      throw new Error('it has none');
    }
    async close() {}
  }
  return new RealtimeModel(capabilities);
}

function pipelineModel({ llm }: Agents): ownAgents.llm.LLM {
  class PluginLLM extends llm.LLM {
    label() {
      return 'plugin';
    }
    chat(): never {
      throw new Error('it answers nothing');
    }
  }
  return new PluginLLM();
}

const room = { on() {}, remoteParticipants: new Map() } as unknown as Room;
const agent = () => new voice.Agent({ instructions: '' });
const session = () => new voice.AgentSession({ llm: new RecordingLLM() });

/** The error of a call. */
function thrown(call: () => unknown): DuplicateFrameworkError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(DuplicateFrameworkError);
    return error as DuplicateFrameworkError;
  }
  throw new Error('it threw nothing');
}

test('the second copy is a different one, since instanceof fails', () => {
  expect(second.llm.RealtimeModel).not.toBe(ownAgents.llm.RealtimeModel);
  expect(realtimeModel(second)).not.toBeInstanceOf(ownAgents.llm.RealtimeModel);
  expect(realtimeModel(ownAgents)).toBeInstanceOf(ownAgents.llm.RealtimeModel);
});

describe('a second copy of the framework in the process', () => {
  test('a session of a second framework copy is refused with both copies and the remedy', () => {
    const other = new second.voice.AgentSession({});
    const error = thrown(() => new VideoSession(other, { room }));
    expect(error.code).toBe('duplicate-framework');
    expect(error.className).toBe('AgentSession');
    expect(error.other).toEqual({ version: '1.8.77', folder, build: 'ES modules' });
    expect(error.own).toEqual({
      version: ownAgents.version,
      folder: OWN_FOLDER,
      build: 'ES modules',
    });
    for (const part of ['1.8.77', folder, ownAgents.version, OWN_FOLDER])
      expect(error.message).toContain(part);
    expect(error.message).toContain('`npm ls @livekit/agents`');
    expect(error.message).toContain('`npm dedupe`');
  });

  test.each([
    ['the realtime model of the session', 'RealtimeModel', realtimeModel],
    ['the LLM of the session', 'LLM', pipelineModel],
  ] as const)('a start names the second framework copy that created %s', (_, className, model) => {
    const own = new voice.AgentSession({ llm: model(second) });
    expect(thrown(() => modelKind(own, agent())).className).toBe(className);
  });

  test('a start names the second framework copy that created the realtime model of the agent', () => {
    const seeing = new voice.Agent({ instructions: '', llm: realtimeModel(second) });
    expect(thrown(() => modelKind(session(), seeing)).className).toBe('RealtimeModel');
  });

  test('a start names the second framework copy that created the agent', () => {
    class Assistant extends second.voice.Agent {}
    const other = new Assistant({ instructions: '' });
    expect(thrown(() => modelKind(session(), other)).className).toBe('Agent');
  });

  test('a start recognizes a realtime model of a second framework copy by its shape after bundling', () => {
    const model = realtimeModel(second);
    Object.defineProperty(model.constructor, 'name', { value: 'a' });
    const { RealtimeModel } = second.llm;
    const name = Object.getOwnPropertyDescriptor(RealtimeModel, 'name') as PropertyDescriptor;
    Object.defineProperty(RealtimeModel, 'name', { ...name, value: 'b' });
    try {
      const own = new voice.AgentSession({ llm: model });
      expect(thrown(() => modelKind(own, agent())).className).toBe('RealtimeModel');
    } finally {
      Object.defineProperty(RealtimeModel, 'name', name);
    }
  });

  test('the sink names the second framework copy that created the session of a realtime model', () => {
    // Its methods are never called.
    const other: ownAgents.llm.RealtimeSession = Object.create(
      second.llm.RealtimeSession.prototype,
    );
    expect(thrown(() => realtimeVideoSink(other)).className).toBe('RealtimeSession');
  });

  test('a watch names the second framework copy that created its model', () => {
    const decide = { llm: realtimeModel(second), question: 'Is it red?', answer: {} };
    const options = { everyMs: 1000, decide } as unknown as Parameters<typeof watchInput>[0];
    const make = () => watchInput(options);
    expect(thrown(make).className).toBe('RealtimeModel');
  });
});

test('the error for an imported and required package names it and does not suggest dedupe', () => {
  const required: Agents = require('@livekit/agents');
  const other = new required.voice.AgentSession({});
  const error = thrown(() => new VideoSession(other, { room }));
  expect(error.other).toEqual({ ...error.own, build: 'CommonJS' });
  expect(error.remedy).toBe(
    'load it and its plugins with `import` everywhere, never with `require`',
  );
});

test('a single framework copy is accepted', () => {
  const realtime = new voice.AgentSession({ llm: realtimeModel(ownAgents) });
  expect(modelKind(realtime, agent())).toBe('realtime');
  const pipeline = new voice.AgentSession({ llm: pipelineModel(ownAgents) });
  expect(modelKind(pipeline, agent())).toBe('pipeline');
});
