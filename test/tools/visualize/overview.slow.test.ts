import { beforeAll, describe, expect, it } from 'vitest';
import * as machines from '../../../src/machines/index.ts';
import { catalogOf } from '../../../tools/visualize/catalog.ts';
import type { ChartState } from '../../../tools/visualize/chart.ts';
import { assertNoOverlaps } from '../../../tools/visualize/check-layout.ts';
import { filesOf } from '../../../tools/visualize/generate.ts';
import type { Layout } from '../../../tools/visualize/geometry.ts';
import { layoutChart } from '../../../tools/visualize/layout.ts';
import { overviewOf } from '../../../tools/visualize/overview.ts';
import { reportsIn } from '../../../tools/visualize/reports.ts';

const catalog = catalogOf(machines);
const SLOW = 60_000;

describe('the picture of how the machines connect', () => {
  let chart: ChartState;
  let layout: Layout;
  beforeAll(async () => {
    const entry = new URL('../../../src/machines/index.ts', import.meta.url);
    chart = overviewOf(catalog, reportsIn(entry));
    layout = await layoutChart(chart);
  }, SLOW);

  const machine = (key: string) => chart.children.find((child) => child.key === key);
  const startedBy = (key: string) => [
    ...new Set(machine(key)?.transitions.flatMap(({ targets }) => targets)),
  ];

  it('the overview has a box for each machine', () => {
    const keys = chart.children.map(({ key }) => key).sort();
    expect(keys).toEqual(catalog.map((entry) => entry.machine.id).sort());
  });

  it('leads from each machine to those that it starts, also to those that it spawns', () => {
    expect(startedBy('source')).toEqual([
      'machines.trackDiscovery',
      'machines.streamReplacement',
      'machines.idlePause',
      'machines.frameSampling',
      'machines.look',
      'machines.turnMotion',
    ]);
    expect(startedBy('session')).toContain('machines.turnCompletion');
    // It has an actor of the name `look`, which is no machine.
    expect(startedBy('watch')).toEqual([]);
  });

  it('the overview connects every machine with the session or the watch', () => {
    const reached = new Set(chart.children.flatMap(({ key }) => startedBy(key)));
    const roots = chart.children.filter(({ id }) => !reached.has(id)).map(({ key }) => key);
    expect(roots.sort()).toEqual(['session', 'watch']);
  });

  it('the overview shows the reports of a machine', () => {
    const toLook = machine('source')?.transitions.filter(({ targets }) =>
      targets.includes('machines.look'),
    );
    expect(toLook?.map(({ sourceKey }) => sourceKey)).toEqual(['look.answered', 'look.failed']);
  });

  it('the overview names the other actors of a machine, as invoked or spawned', () => {
    expect(machine('source')?.invokes).toMatchObject([
      { src: 'roomEvents', isSpawned: false },
      { src: 'videoStream', isSpawned: true },
    ]);
  });

  it('the overview has no overlaps, and is narrow enough for a README', () => {
    expect(() => assertNoOverlaps(layout)).not.toThrow();
    expect(layout.width).toBeLessThan(1400);
  });

  it('the overview is a separate file, and the first picture of the page', () => {
    const files = filesOf([], { chart, layout });
    const page = files.get('index.html') ?? '';
    expect([...files.keys()].sort()).toEqual(['index.html', 'overview.svg']);
    expect(page.indexOf('<svg')).toBe(page.indexOf(files.get('overview.svg')?.trim() ?? '-'));
  });
});
