import { markdownTable } from 'markdown-table';
import type { LoadResult } from './result.ts';

/** The figures as a Markdown table. */
export function loadReport(result: LoadResult): string {
  const {
    options,
    machine,
    jobs,
    agentAfterSeconds,
    cpu,
    memoryMb,
    questions,
    cameraFps,
    streamed,
  } = result;
  const rows: [string, string][] = [
    ['rooms, workers, model', `${options.rooms}, ${options.workers}, ${options.model}`],
    ['cores, load average before', `${machine.cores}, ${machine.loadAverage.toFixed(1)}`],
    ['jobs in each worker', jobs.join(', ')],
    [
      'agent there after (median, most)',
      `${agentAfterSeconds.median.toFixed(1)} s, ${agentAfterSeconds.most.toFixed(1)} s`,
    ],
    ['CPU a room, in cores', cpu.aRoom.toFixed(2)],
    ['CPU of workers, server, cameras', cores(cpu)],
    [
      'memory a room',
      `${memoryMb.aRoom.toFixed(0)} MB (workers ${memoryMb.idle.toFixed(0)} MB idle, ` +
        `${memoryMb.loaded.toFixed(0)} MB loaded)`,
    ],
    ...(questions.asked > 0 ? questionRows(questions) : []),
    ['frames a second of a camera', `${cameraFps.sent.toFixed(1)} of ${cameraFps.ideal}`],
    ...(streamed ? streamRows(streamed) : []),
  ];
  return markdownTable([['', ''], ...rows]);
}

const share = (part: number, whole: number) => `${part} of ${whole}`;

const questionRows = (questions: LoadResult['questions']): [string, string][] => [
  ['questions answered', share(questions.answered, questions.asked)],
  ['answered with the picture', share(questions.withPicture, questions.asked)],
  ['answer after (p50, p95)', `${questions.p50Ms.toFixed(0)} ms, ${questions.p95Ms.toFixed(0)} ms`],
];

const streamRows = ({ sent, ideal }: NonNullable<LoadResult['streamed']>): [string, string][] => [
  ['frames to the model', share(sent, Math.round(ideal))],
];

const cores = ({ workers, server, cameras }: LoadResult['cpu']): string =>
  [workers, server, cameras].map((value) => value?.toFixed(2) ?? 'unknown').join(', ');
