import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogEntry } from './catalog.ts';
import type { ChartState } from './chart.ts';
import { drawSvg } from './draw-svg.ts';
import { type GallerySection, galleryPage } from './gallery.ts';
import type { Layout } from './geometry.ts';
import { layoutChart } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { readChart } from './read-chart.ts';
import { readSource } from './source-lines.ts';

/** File name to content: all files of `visualizations/`. */
export type Files = Map<string, string>;

/** A machine, read and laid out. */
export interface Drawing {
  entry: CatalogEntry;
  chart: ChartState;
  layout: Layout;
}

export async function drawMachine(entry: CatalogEntry): Promise<Drawing> {
  const chart = readChart(entry.machine);
  return { entry, chart, layout: await layoutChart(chart) };
}

/** The picture of how the machines connect, laid out. */
export interface Overview {
  chart: ChartState;
  layout: Layout;
}

/** Creates every file in memory; the same machines give the same bytes. */
export function filesOf(drawings: readonly Drawing[], overview?: Overview): Files {
  const files: Files = new Map();
  const connected = overview && drawSvg(overview.chart, overview.layout);
  if (connected) files.set('overview.svg', connected);
  const sections: GallerySection[] = [];
  for (const { entry, chart, layout } of drawings) {
    const { name, exportName, path, source, machine } = entry;
    const config: unknown = JSON.parse(JSON.stringify(machine.config));
    files.set(`${name}.config.json`, `${JSON.stringify(config, null, 2)}\n`);
    files.set(`${name}.svg`, drawSvg(chart, layout));
    files.set(`${name}.mmd`, mermaidOf(chart));
    sections.push({ name, path, chart, layout, lines: readSource(source, exportName) });
  }
  files.set('index.html', galleryPage(sections, connected));
  return files;
}

/** Names of the files in `folder` that differ, are missing, or are obsolete. */
export function findDrift(folder: string, files: Files): string[] {
  const present = generatedIn(folder);
  const names = new Set([...files.keys(), ...present]);
  return [...names]
    .filter((name) => !present.includes(name) || read(folder, name) !== files.get(name))
    .sort();
}

/** Writes files that differ, removes obsolete ones, and returns the names. */
export function writeFiles(folder: string, files: Files): string[] {
  mkdirSync(folder, { recursive: true });
  const changed = findDrift(folder, files);
  for (const name of changed) {
    const content = files.get(name);
    if (content === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), content);
  }
  return changed;
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');

/** Files of these kinds; others in the folder are left alone. */
function generatedIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(
      (name) => /\.(config\.json|svg|mmd)$/.test(name) || name === 'index.html',
    );
  } catch {
    return [];
  }
}
