import { EventEmitter } from 'node:events';
import { type JobContext, llm, voice } from '@livekit/agents';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import agent, { checkServerOf, chooseModel, workerOptions } from '../src/agent.ts';
import { SightlineError, VideoSession } from '../src/index.ts';
import { LoopbackRoom } from '../src/testing/loopback-room.ts';
import { runProgram } from './support/processes/program.ts';

const VARIABLES = [
  ...['SIGHTLINE_MODEL', 'GOOGLE_API_KEY', 'OPENAI_API_KEY', 'GOOGLE_BASE_URL', 'OPENAI_BASE_URL'],
  ...['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'LIVEKIT_WORKER_TOKEN'],
];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("the choice of the worker's model", () => {
  test.each([
    [{ GOOGLE_API_KEY: 'g' }, 'google'],
    [{ OPENAI_API_KEY: 'o' }, 'openai'],
    [{ GOOGLE_API_KEY: 'g', OPENAI_API_KEY: 'o' }, 'google'],
    [{ SIGHTLINE_MODEL: 'openai', GOOGLE_API_KEY: 'g', OPENAI_API_KEY: 'o' }, 'openai'],
    [{ SIGHTLINE_MODEL: 'google', GOOGLE_API_KEY: 'g' }, 'google'],
    [{ SIGHTLINE_MODEL: 'reader', GOOGLE_API_KEY: 'g' }, 'reader'],
  ])('the environment %o chooses the model %s', (env, kind) => {
    expect(chooseModel(env).kind).toBe(kind);
  });

  test.each([
    [{}, 'No model is chosen.'],
    [{ SIGHTLINE_MODEL: 'toString' }, 'SIGHTLINE_MODEL is "toString", which is unknown.'],
    [
      { SIGHTLINE_MODEL: 'google', OPENAI_API_KEY: 'o' },
      'SIGHTLINE_MODEL is "google", and GOOGLE_API_KEY is not set.',
    ],
    [
      { SIGHTLINE_MODEL: 'openai', GOOGLE_API_KEY: 'g' },
      'SIGHTLINE_MODEL is "openai", and OPENAI_API_KEY is not set.',
    ],
  ])('the environment %o is refused with the ways to choose a model', (env, reason) => {
    const choose = () => chooseModel(env);
    expect(choose).toThrow(SightlineError);
    expect(choose).toThrow(reason);
    for (const way of ['GOOGLE_API_KEY=', 'OPENAI_API_KEY=', 'SIGHTLINE_MODEL=reader'])
      expect(choose).toThrow(way);
  });

  test('a model of OpenAI uses the key and the server of the environment', async () => {
    const env = { OPENAI_API_KEY: 'o', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
    vi.stubEnv('OPENAI_API_KEY', env.OPENAI_API_KEY);
    expect(await chooseModel(env).create()).toMatchObject({
      _options: { apiKey: 'o', baseURL: 'http://127.0.0.1:9/v1' },
    });
  });

  test('a model of Google uses the key and the server of the environment', async () => {
    const env = { GOOGLE_API_KEY: 'g', GOOGLE_BASE_URL: 'http://127.0.0.1:9' };
    vi.stubEnv('GOOGLE_API_KEY', env.GOOGLE_API_KEY);
    expect(await chooseModel(env).create()).toMatchObject({
      _options: { apiKey: 'g', httpOptions: { baseUrl: 'http://127.0.0.1:9' } },
    });
  });
});

describe('the job of the worker', () => {
  test('a worker serves its address to this machine only, and waits for processes that start at once', () => {
    expect(workerOptions({})).toMatchObject({
      ...{ agent: expect.stringMatching(/src\/agent\.ts$/), host: '127.0.0.1' },
      ...{ initializeProcessTimeout: 60_000, shutdownProcessTimeout: 10_000 },
    });
    expect(workerOptions({ WORKER_HOST: '10.0.0.7' }).host).toBe('10.0.0.7');
  });

  test('a job with the reader starts without audio, and ends with its session', async () => {
    vi.stubEnv('SIGHTLINE_MODEL', 'reader');
    const started = vi.spyOn(VideoSession.prototype, 'start');
    const room = new LoopbackRoom();
    room.join('user');
    const ends: (() => Promise<void>)[] = [];
    const shutdown = vi.fn();
    const job = {
      room,
      shutdown,
      addShutdownCallback: (end: () => Promise<void>) => ends.push(end),
    };
    const sessions = vi.spyOn(voice.AgentSession.prototype, 'start');
    const closed = vi.spyOn(llm.LLM.prototype, 'aclose');
    await agent.entry(job as unknown as JobContext);
    expect(started.mock.calls[0]?.[0]).toMatchObject({
      agent: { instructions: expect.stringContaining('You see what the user shows you.') },
      inputOptions: { audioEnabled: false },
      outputOptions: { audioEnabled: false },
    });
    // The reader uses text only, so nothing listens for speech.
    expect(sessions.mock.contexts[0]).toMatchObject({ vad: undefined, llm: expect.anything() });
    expect(sessions.mock.calls[0]?.[0]).toMatchObject({ inputOptions: { audioEnabled: false } });
    expect(shutdown).not.toHaveBeenCalled();
    const video = started.mock.contexts[0] as VideoSession;
    expect(closed).not.toHaveBeenCalled();
    for (const end of ends) await end();
    expect(video.actor.getSnapshot().status).toBe('done');
    expect(closed).toHaveBeenCalledTimes(1);
    expect(shutdown.mock.calls).toEqual([[voice.CloseReason.USER_INITIATED]]);
    expect(EventEmitter.listenerCount(room, 'trackSubscribed')).toBe(0);
    await room.disconnect();
  });
});

describe('the command of the worker', () => {
  /** The errors of a worker that did not start. */
  async function run(args: string[], env: Record<string, string>): Promise<string> {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { errors, exitCode } = await runProgram('agent.ts', args);
    expect(exitCode).toBe(1);
    return errors;
  }

  test('a worker without a model does not start, and prints how to choose one', async () => {
    expect(await run(['start'], {})).toMatch(/^No model is chosen\. Choose a model:\n/);
  });

  test.each(['start', 'dev', 'connect'])(
    'the command %s without keys names both of them',
    async (command) => {
      const env = { SIGHTLINE_MODEL: 'reader', LIVEKIT_WORKER_TOKEN: 'token' };
      expect(await run([command], env)).toMatch(
        /^LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set: .* at ws:\/\/localhost:7880 /,
      );
    },
  );

  test('a command with one key names the other one, and the server of its arguments', async () => {
    const env = { SIGHTLINE_MODEL: 'reader', LIVEKIT_API_KEY: 'key', LIVEKIT_URL: 'ws://other' };
    const printed = await run(['start', '--url', 'ws://mine'], env);
    expect(printed).toMatch(/^LIVEKIT_API_SECRET is not set: .* at ws:\/\/mine /);
    const swapped = { ...env, LIVEKIT_API_KEY: '', LIVEKIT_API_SECRET: 'secret' };
    expect(await run(['start'], swapped)).toMatch(
      /^LIVEKIT_API_KEY is not set: .* at ws:\/\/other /,
    );
  });

  test('only commands that connect need keys, and a worker with a token needs no check', async () => {
    await checkServerOf(['download-files'], {});
    await checkServerOf(['--help'], {});
    const nowhere = ['start', '--url', 'ws://127.0.0.1:1', '--api-key', 'k', '--api-secret', 's'];
    await checkServerOf([...nowhere, '--worker-token', 't'], {});
    await expect(checkServerOf(nowhere, {})).rejects.toThrow('no LiveKit server answers');
  });

  test('a command for a server that is not there prints one line and does not register', async () => {
    const keys = ['--api-key', 'key', '--api-secret', 'secret-of-at-least-32-characters'];
    const printed = await run(['start', '--url', 'ws://127.0.0.1:1', ...keys], {
      SIGHTLINE_MODEL: 'reader',
    });
    expect(printed).toMatch(/^no LiveKit server answers at ws:\/\/127\.0\.0\.1:1 \(bad port\)/);
    expect(printed).not.toContain('\n');
  });
});
