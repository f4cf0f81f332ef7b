import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TYPESCRIPT } from '../../src/testing/processes/typescript.ts';
import { within } from '../../src/testing/waits.ts';

const SLOW = 60_000;

/** A program in a separate process, without a worker, so the framework has no logger. */
const PROGRAM = `
  import { llm } from '@livekit/agents';
  import { RecordingLLM } from './src/testing/recording-llm.ts';
  import { VideoWatch } from './src/watch/video-watch.ts';
  const model = new RecordingLLM();
  model.replies.push('{"not": "what was asked for"}', 'true');
  const encode = async () => ({ data: Buffer.from('x'), mimeType: 'image/jpeg' });
  const watch = new VideoWatch({ look: async () => ({ encode }) }, {
    everyMs: 20,
    decide: { llm: model, question: 'Is it open?', answer: { type: 'boolean' } },
    act: 'event',
    limits: { backOffMs: 20 },
  });
  watch.on('act.done', () => {
    watch.stop();
    console.log(JSON.stringify(watch.metrics()));
  });
  watch.start();
`;

test(
  'a stopped watch keeps no process alive, and needs no logger',
  async () => {
    const child = spawn(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', PROGRAM], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const code = new Promise((resolve) => child.once('close', resolve));
    try {
      expect(await within('its end', code, SLOW - 5000), errors).toBe(0);
    } finally {
      child.kill();
    }
    expect(output).toContain('"acts":1');
    expect(output).toContain('"decide":1');
  },
  SLOW,
);
