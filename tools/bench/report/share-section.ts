import type { BenchResult, SharedText } from '../result.ts';
import { fixed, table } from './markdown.ts';

export function shareSection({ share }: BenchResult): string[] {
  if (!share) return [];
  const rows = Object.entries(share).flatMap(([height, { perfect, settings }]) => [
    [height, 'the screen itself', percent(perfect), percent(perfect), null],
    ...Object.entries(settings).map(([name, { soon, later }]) => [
      ...[height, name, percent(soon), percent(later)],
      soon.width === later.width ? soon.width : `${soon.width}, then ${later.width}`,
    ]),
  ]);
  return [
    "## What a browser's share leaves of the text",
    'Chromium shares a tab with such screens through livekit-client and a LiveKit server on the same machine. The OCR ' +
      'engine reads the frames as the agent receives them, 1 s and 5 s after the screen changed. On a busy machine the ' +
      'browser sends fewer and smaller frames.',
    table(['screen', 'options of the share', 'read after 1 s', 'after 5 s', 'width'], rows),
  ];
}

const percent = ({ read, characters }: Omit<SharedText, 'width'>): string =>
  `${fixed((read / characters) * 100, 1)} %`;
