import type { BenchResult, FaceFigures, StreamFigures } from '../result.ts';
import { fixed, ratio, table } from './markdown.ts';
import { streamFigures } from './streams-section.ts';

export function processorsSection({ processors, faces }: BenchResult): string[] {
  if (!processors) return [];
  const ours = streamFigures(processors, 'sightline-masked', 1)?.cpuPerStreamSecond;
  return [
    '## Processors',
    [
      'Each agent masks a region of the same 720p stream, and encodes one picture a second for a model:',
      '*sightline* processes the frames that it encodes, with `mask`. *Python* does it as Vision-Agents',
      'does: `VideoStream` of the LiveKit SDK converts each frame to RGB, a callback gets it as a copied',
      'array of NumPy, and Pillow encodes one of the results.',
    ].join('\n'),
    table(
      ['', 'CPU', 'main thread', 'loop busy', 'frames', 'pictures', 'CPU of sightline'],
      processors.map((one) => [
        one.contestant,
        fixed(one.cpuPerStreamSecond, 3),
        fixed(one.mainThreadPerStreamSecond, 4),
        fixed(one.loopBusy, 3),
        fixed(one.fps, 1),
        fixed(one.picturesPerSecond, 2),
        fixed(ratio(one.cpuPerStreamSecond, ours), 2),
      ]),
    ),
    `One masked frame takes ${fixed(maskedFrameMs(processors), 1) ?? '-'} ms of the main thread of sightline.`,
    ...(faces ? [facesText(faces)] : []),
  ];
}

const facesText = ({ wallMs, blockedMs, idleMs, frames }: FaceFigures): string =>
  [
    `\`hideFaces\` of \`examples/faces.ts\` takes ${fixed(wallMs, 0)} ms for a frame (median of ${frames}). The event`,
    `loop is blocked for ${fixed(blockedMs, 1)} ms at most, and for ${fixed(idleMs, 1)} ms in as much time without work.`,
  ].join('\n');

/** Time of the main thread that one masked picture takes more than one that is not, in ms. */
export function maskedFrameMs(processors: readonly StreamFigures[]): number | null {
  const masked = streamFigures(processors, 'sightline-masked', 1);
  const plain = streamFigures(processors, 'sightline', 1)?.mainThreadPerStreamSecond ?? null;
  const thread = masked?.mainThreadPerStreamSecond ?? null;
  if (!masked || thread === null || plain === null || masked.picturesPerSecond === 0) return null;
  return (1000 * (thread - plain)) / masked.picturesPerSecond;
}
