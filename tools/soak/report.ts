import { markdownTable } from 'markdown-table';
import { FIGURES, type Sample } from '../../src/testing/measure/held.ts';
import { TRACK_KINDS } from './engine-cost.ts';
import type { SoakResult } from './run.ts';
import { engineSlope, verdict, warmUpOf } from './verdict.ts';

const MEMORY = new Set<string>(['native', 'heap', 'heapSize', 'buffers']);

const shown = (figure: string, value: number): string =>
  MEMORY.has(figure) ? `${value.toFixed(1)} MB` : String(value);

/** One line of a run in progress. */
export function sampleLine(sample: Sample): string {
  const figures = FIGURES.map((figure) => `${figure} ${shown(figure, sample[figure])}`);
  return `${sample.minutes.toFixed(2)} min: ${figures.join(', ')}`;
}

/** The final report, as Markdown. */
export function soakReport(result: SoakResult): string {
  const { seed, minutes, samples, operations, frames, streamed, unanswered, errors } = result;
  const warmUp = warmUpOf(samples);
  const total = Object.values(operations).reduce((sum, count) => sum + count, 0);
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const rows = verdict(result).map(({ figure, first, last, slope, grows }) => {
    const unit = MEMORY.has(figure) ? 'MB/min' : '/min';
    return [
      figure,
      shown(figure, first),
      shown(figure, last),
      `${slope.toFixed(3)} ${unit}`,
      grows ? 'GROWS' : 'flat',
    ];
  });
  return [
    `${minutes.toFixed(1)} minutes, seed ${seed}, ${samples.length} rests; the slope is that of the ` +
      `time after ${warmUp.toFixed(1)} minutes of warm-up.`,
    `${total} operations: ${list(operations)}.`,
    `${frames.received} frames received, ${frames.sent} sent, ${streamed} of them to realtime ` +
      `models; errors: ${list(errors)}; questions without an answer: ${unanswered.length}.`,
    ...TRACK_KINDS.map((kind) => {
      const { mbPerTrack, tracks } = result.engine[kind];
      return (
        `${result.tracks[kind]} tracks were ${kind}. The RTC engine alone keeps ` +
        `${(1000 * mbPerTrack).toFixed(0)} kB of each (${tracks} tracks without Sightline in the ` +
        `same time): ${engineSlope(kind, result).toFixed(2)} MB/min of the native memory.`
      );
    }),
    '',
    markdownTable([['held at rest', 'first', 'last', 'slope', ''], ...rows]),
  ].join('\n');
}
