/**
 * An agent that watches a stream, in a process that measures itself. Its argument is the
 * contestant. It answers `slice WARM_UP_MS MS URL TOKEN` with figures.
 */
import '../../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { sleep } from '../../../src/testing/measure/stats.ts';
import { answerLines } from '../../../src/testing/processes/answer-lines.ts';
import { CONTESTANTS } from './contestants.ts';
import { type CpuUse, measureCpu } from './cpu.ts';
import type { Counts } from './reader.ts';
import { subscribe } from './subscription.ts';

/** The reply of a subscriber to `slice`. */
export interface SliceReply extends CpuUse, Counts {}

initializeLogger({ pretty: false, level: 'error' });
const open = CONTESTANTS[process.argv[2] ?? ''];
if (!open) throw new Error(`there is no contestant "${process.argv[2]}"`);

await answerLines(async (line) => {
  const [, warmUpMs, ms, url = '', token = ''] = line.split(' ');
  const stream = await subscribe(url, token);
  const counts: Counts = { frames: 0, fullSize: 0, pictures: 0, wakesMs: [] };
  const reader = open(stream, counts);
  await sleep(Number(warmUpMs));
  const { frames, fullSize, pictures, wakesMs } = counts;
  const wakesBefore = wakesMs.length;
  const measured = measureCpu();
  await sleep(Number(ms));
  const use = measured();
  const reply: SliceReply = {
    ...use,
    frames: counts.frames - frames,
    fullSize: counts.fullSize - fullSize,
    pictures: counts.pictures - pictures,
    wakesMs: wakesMs.slice(wakesBefore),
  };
  await reader.close();
  await stream.room.disconnect();
  return reply;
});
process.exit(0);
