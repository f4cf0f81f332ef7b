import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import * as machines from '../../../src/machines/index.ts';
import { catalogOf } from '../../../tools/visualize/catalog.ts';
import { type ChartState, withDescendants } from '../../../tools/visualize/chart.ts';
import { assertNoOverlaps } from '../../../tools/visualize/check-layout.ts';
import {
  type Drawing,
  drawMachine,
  type Files,
  filesOf,
} from '../../../tools/visualize/generate.ts';

const catalog = catalogOf(machines);

it('the catalogue has every exported machine by the name of its file', () => {
  const exported = Object.keys(machines).filter((name) => name.endsWith('Machine'));
  expect(catalog.map(({ exportName }) => exportName).sort()).toEqual(exported.sort());
  for (const { name, path } of catalog) expect(path).toBe(`src/machines/${name}.machine.ts`);
});

describe.each(catalog)('the files of $name', (entry) => {
  let drawing: Drawing;
  let files: Files;
  let states: ChartState[];
  const file = (kind: string) => files.get(`${entry.name}.${kind}`) ?? '';

  beforeAll(async () => {
    drawing = await drawMachine(entry);
    files = filesOf([drawing]);
    states = withDescendants(drawing.chart);
  });

  it(`the picture of ${entry.name} has no overlaps`, () => {
    expect(() => assertNoOverlaps(drawing.layout)).not.toThrow();
  });

  it(`the picture of ${entry.name} is narrow enough for a README`, () => {
    expect(drawing.layout.width).toBeLessThan(1400);
  });

  it(`the picture of ${entry.name} has a box for every state`, () => {
    const drawn = drawing.layout.boxes.map(({ state }) => state.id);
    expect(drawn.sort()).toEqual(states.map(({ id }) => id).sort());
  });

  it(`the picture of ${entry.name} is well-formed, light and dark`, async () => {
    // libxml refuses what is not well-formed.
    const { format, width } = await sharp(Buffer.from(file('svg'))).metadata();
    expect({ format, width }).toEqual({
      format: 'svg',
      width: Math.ceil(drawing.layout.width) + 2,
    });
    expect(file('svg')).toContain('prefers-color-scheme:dark');
  });

  it(`the config of ${entry.name} creates the same states`, () => {
    const loaded = createMachine(JSON.parse(file('config.json')));
    expect([...loaded.root.events].sort()).toEqual([...entry.machine.root.events].sort());
    const ids = (state: typeof loaded.root): string[] => [
      state.id,
      ...Object.values(state.states).flatMap((child) => ids(child as typeof loaded.root)),
    ];
    expect(ids(loaded.root)).toEqual(ids(entry.machine.root as typeof loaded.root));
  });

  it(`the Mermaid text of ${entry.name} has every state and one label a line`, () => {
    const lines = file('mmd').split('\n');
    expect(lines[0]).toBe('stateDiagram-v2');
    for (const { path } of states.slice(1)) {
      const names = [path.join('_'), `s_${path.join('_')}`];
      const isNamed = (line: string) =>
        /^ *state /.test(line) &&
        names.some((name) => line.endsWith(` as ${name}`) || line.endsWith(` as ${name} {`));
      expect(lines.filter(isNamed), path.join('.')).toHaveLength(1);
    }
    for (const line of lines) {
      expect(line.split(':').length).toBeLessThanOrEqual(2);
      expect(line).not.toMatch(/[;#"]\S*$/);
    }
    expect(lines.filter((line) => line.endsWith('{'))).toHaveLength(
      lines.filter((line) => line.trim() === '}').length,
    );
  });

  it(`the files of ${entry.name} link each state to its line in the source`, () => {
    const links = [
      ...(files.get('index.html') ?? '').matchAll(/href="([^"#]+)#L(\d+)">([\w.]+)</g),
    ];
    const source = entry.source.split('\n');
    for (const { path, key } of states.slice(1)) {
      const [, href, line] = links.find(([, , , text]) => text === path.join('.')) ?? [];
      expect(href).toBe(`../${entry.path}`);
      expect(source[Number(line) - 1]?.trim(), path.join('.')).toMatch(new RegExp(`^'?${key}'?:`));
    }
  });

  it(`the files of ${entry.name} contain no local path and load nothing`, () => {
    for (const content of files.values()) {
      expect(content).not.toContain(process.cwd());
      expect(content).not.toMatch(
        /(src|href)="(?!\.\.\/|https:\/\/sketch\.stately\.ai"|#|[\w.-]+")/,
      );
    }
  });

  it(`the files of ${entry.name} are reproducible`, async () => {
    if (states.length > 10) return;
    expect(filesOf([await drawMachine(entry)])).toEqual(files);
  });
});
