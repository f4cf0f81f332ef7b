import { readdirSync, readFileSync } from 'node:fs';

export interface Asset {
  type: string;
  body: Buffer;
}

/** All files of the page, by their path after the token. */
export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
};

// The page is served as it is written, with the same files in the repository and the package.
const PAGE = new URL('../../src/inspect/page/', import.meta.url);
const CHARTS = new URL('../../visualizations/', import.meta.url);

/** Reads all files once: no part of a request is ever used as a file path. */
export function readAssets(): Assets {
  const assets = new Map<string, Asset>();
  const add = (name: string, body: Buffer) => {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    if (type) assets.set(name === 'index.html' ? '' : name, { type, body });
  };
  for (const name of readdirSync(PAGE)) add(name, readFileSync(new URL(name, PAGE)));
  for (const [machine, body] of readCharts()) add(`charts/${machine}.svg`, body);
  return assets;
}

/** Pictures of the machines by id; empty if the folder does not exist. */
function readCharts(): Map<string, Buffer> {
  const charts = new Map<string, Buffer>();
  let names: string[] = [];
  try {
    names = readdirSync(CHARTS).filter((name) => name.endsWith('.svg'));
  } catch {
    return charts;
  }
  for (const name of names) {
    const body = readFileSync(new URL(name, CHARTS));
    // The outermost box is the machine itself.
    const [, machine] = /data-state="([\w-]+)"/.exec(body.toString()) ?? [];
    if (machine) charts.set(machine, body);
  }
  return charts;
}

/** Ids of the machines that have a picture. */
export const chartsIn = (assets: Assets): string[] =>
  [...assets.keys()].flatMap((name) => /^charts\/(.+)\.svg$/.exec(name)?.[1] ?? []);
