import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chartsIn, readAssets } from '../../src/inspect/assets.ts';

const inRepository = (path: string) => new URL(`../../${path}`, import.meta.url);
const assets = readAssets();

test('the page is served at the root, and its files by their names', () => {
  expect(assets.get('')?.body).toEqual(readFileSync(inRepository('src/inspect/page/index.html')));
  expect(assets.has('index.html')).toBe(false);
  const types = new Set<string>();
  for (const [name, { type, body }] of assets) {
    types.add(`${name.split('.').at(-1)} ${type}`);
    expect(body.length).toBeGreaterThan(0);
  }
  expect([...types].sort()).toEqual([
    ' text/html; charset=utf-8',
    'css text/css; charset=utf-8',
    'js text/javascript; charset=utf-8',
    'svg image/svg+xml; charset=utf-8',
  ]);
});

test('files of other types, such as the configuration of the page, are not served', () => {
  expect([...assets.keys()].filter((name) => name.endsWith('.json'))).toEqual([]);
});

test('the picture of each machine is found by the id of the machine', () => {
  const charts = chartsIn(assets);
  expect(charts).toContain('session');
  expect(charts).toContain('frameSampling');
  for (const machine of charts) {
    const svg = assets.get(`charts/${machine}.svg`)?.body.toString() ?? '';
    // The outermost box comes first.
    expect(/data-state="([\w-]+)"/.exec(svg)?.[1]).toBe(machine);
  }
  expect(chartsIn(new Map([['app.js', { type: '', body: Buffer.alloc(0) }]]))).toEqual([]);
});
