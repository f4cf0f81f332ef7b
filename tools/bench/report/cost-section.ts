import type { BenchResult } from '../result.ts';
import { fixed, table } from './markdown.ts';

export function costSection({ cost }: BenchResult): string[] {
  if (!cost) return [];
  const { sightline, adaptive, python } = cost;
  const row = (name: string, figures: typeof python) => [
    name,
    figures?.pictures ?? null,
    figures?.tokens ?? null,
    figures && python ? fixed(figures.pictures / python.pictures, 2) : null,
  ];
  return [
    '## What the model gets',
    `Ten generated minutes of a camera and a screen with ${cost.changes} changes; the user speaks 40 % of the ` +
      'time. Tokens are those of Gemini 2.5 Live. ' +
      `The adaptive sampler missed ${cost.missed} changes: each of the others reached the model at most 1 s after ` +
      'the user could speak about it.',
    table(
      ['sampler', 'pictures', 'tokens', "of Python's"],
      [
        row('`adaptiveSampler()`', adaptive),
        row('`voiceActivitySampler()`, the default', sightline),
        row("Python's default", python),
      ],
    ),
  ];
}
