import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Html, html } from './html.ts';
import {
  avatarSection,
  metricsSection,
  switchesSection,
  timelineSection,
  turnsSection,
  verdictSection,
} from './report-sections.ts';
import { STYLE } from './report-style.ts';
import type { DemoResult } from './result.ts';

/** Writes the report of one run to `dir/index.html` and returns the file's path. */
export async function writeReport(dir: string, data: DemoResult): Promise<string> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'index.html');
  await writeFile(file, reportPage(data));
  return file;
}

/** One page with everything in it: no script, and no requests. */
export function reportPage(data: DemoResult): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Sightline: what the model saw</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${verdictSection(data)}
${data.avatar ? avatarSection(data.avatar) : ''}
${turnsSection(data.turns)}
${switchesSection(data.switches)}
${timelineSection(data.transitions)}
${metricsSection(data.metrics)}
</main>
</body>
</html>
`;
  return page.text;
}
