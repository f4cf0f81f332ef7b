import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { median, quantile, sleep } from '../../src/testing/measure/stats.ts';
import type { DeployedWorker } from '../../src/testing/processes/deployed-worker.ts';
import type { LineChild } from '../../src/testing/processes/line-child.ts';
import { ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import type { Tally } from '../soak/model-services.ts';
import { CAMERA } from './camera.ts';
import type { LoadOptions } from './options.ts';
import { cpuSecondsOf, type GroupUse, groupUse } from './process-group.ts';
import type { LoadResult } from './result.ts';

const START_LIMIT_MS = 120_000;
const MEET_LIMIT_MS = 200_000;
/** Between two questions in one room, in ms. */
const ASK_EVERY_MS = 5000;
/** Pause after the last agent joined, since its start is not part of the load. In ms. */
const SETTLE_MS = 5000;
/** The default sampler sends one frame in this many seconds of silence. */
const IDLE_SECONDS_A_FRAME = 3;

interface Answers {
  sent: number;
  answers: { ms: number; seen: boolean }[];
  missing: number;
}

/** Processes before the first user joins. */
export interface Scene {
  readonly machine: LoadResult['machine'];
  readonly server: LiveKitServer;
  readonly workers: readonly DeployedWorker[];
  readonly crowd: LineChild;
  readonly service: LineChild | false;
  say(line: string): void;
}

/** Fills the rooms, asks in them, and measures the costs. */
export async function measure(
  options: LoadOptions,
  { machine, server, workers, crowd, service, say }: Scene,
): Promise<LoadResult> {
  const { rooms, seconds } = options;
  const idle = fleetUse(workers);
  const waits: number[] = [];
  for (let room = 0; room < rooms; room++) {
    const { url, token } = await ticket(server, uniqueRoomName('load'), `user-${room}`);
    const joinedAt = performance.now();
    await crowd.ask(`join ${url} ${token}`, START_LIMIT_MS);
    await crowd.ask(`meet ${room}`, MEET_LIMIT_MS);
    waits.push((performance.now() - joinedAt) / 1000);
    say(`load: room ${room + 1} of ${rooms} has its agent after ${waits.at(-1)?.toFixed(1)} s`);
  }
  await sleep(SETTLE_MS);
  if (service) await service.ask<Tally>('tally');
  const before = await crowd.ask<Answers>('frames');
  const cpuOf = () => ({
    workers: fleetUse(workers).cpuSeconds,
    server: server.pid === undefined ? null : cpuSecondsOf(server.pid),
    cameras: cpuSecondsOf(crowd.pid),
  });
  const cpuBefore = cpuOf();
  const startedAt = performance.now();
  let asked = 0;
  // Spread over the interval, as for independent users.
  for (let beat = 0; performance.now() - startedAt < seconds * 1000; beat++) {
    // A question sends a realtime model an extra frame, so its rate is measured without questions.
    if (!service) {
      await crowd.ask(`ask ${beat % rooms}`);
      asked += 1;
    }
    await sleep(Math.max(0, startedAt + ((beat + 1) * ASK_EVERY_MS) / rooms - performance.now()));
  }
  const elapsed = (performance.now() - startedAt) / 1000;
  const cpuAfter = cpuOf();
  const loaded = fleetUse(workers);
  const tally = service ? await service.ask<Tally>('tally') : null;
  const jobs = await Promise.all(workers.map((worker) => worker.jobs()));
  const figures = await answersOf(crowd, asked);
  const times = figures.answers.map(({ ms }) => ms);
  const cores = (after: number, earlier: number) => (after - earlier) / elapsed;
  const workersCpu = cores(cpuAfter.workers, cpuBefore.workers);
  return {
    options: { rooms, seconds, workers: options.workers, model: options.model },
    machine,
    jobs,
    agentAfterSeconds: { median: median(waits), most: Math.max(...waits) },
    cpu: {
      workers: workersCpu,
      aRoom: workersCpu / rooms,
      server:
        cpuAfter.server === null || cpuBefore.server === null
          ? null
          : cores(cpuAfter.server, cpuBefore.server),
      cameras: cores(cpuAfter.cameras, cpuBefore.cameras),
    },
    memoryMb: {
      idle: idle.memoryMb,
      loaded: loaded.memoryMb,
      aRoom: (loaded.memoryMb - idle.memoryMb) / rooms,
    },
    questions: {
      asked,
      answered: figures.answers.length,
      withPicture: figures.answers.filter(({ seen }) => seen).length,
      p50Ms: median(times),
      p95Ms: quantile(times, 0.95),
    },
    cameraFps: { sent: (figures.sentAtEnd - before.sent) / elapsed, ideal: CAMERA.fps },
    streamed: tally && {
      sent: tally.frames,
      ideal: (rooms * elapsed) / IDLE_SECONDS_A_FRAME,
    },
  };
}

/** Waits for the last answers: each comes, or its user's time limit ends. */
async function answersOf(crowd: LineChild, asked: number) {
  const answers: Answers['answers'] = [];
  let [missing, sentAtEnd] = [0, Number.NaN];
  do {
    const figures = await crowd.ask<Answers>('frames');
    if (Number.isNaN(sentAtEnd)) sentAtEnd = figures.sent;
    answers.push(...figures.answers);
    missing += figures.missing;
    await sleep(200);
  } while (answers.length + missing < asked);
  return { answers, sentAtEnd };
}

function fleetUse(workers: readonly DeployedWorker[]): GroupUse {
  const uses = workers.map(({ child }) => groupUse(child.pid));
  const total = (figure: keyof GroupUse) => uses.reduce((sum, use) => sum + use[figure], 0);
  return {
    cpuSeconds: total('cpuSeconds'),
    memoryMb: total('memoryMb'),
    processes: total('processes'),
  };
}
