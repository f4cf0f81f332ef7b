import { beforeAll, describe, expect, it } from 'vitest';
import { assertNoOverlaps, findOverlaps } from '../../../tools/visualize/check-layout.ts';
import { drawSvg } from '../../../tools/visualize/draw-svg.ts';
import { edgesOf } from '../../../tools/visualize/edges.ts';
import type { Layout } from '../../../tools/visualize/geometry.ts';
import { layoutChart } from '../../../tools/visualize/layout.ts';
import { mermaidOf } from '../../../tools/visualize/mermaid.ts';
import { plainText, stateRows, transitionPhrases } from '../../../tools/visualize/phrases.ts';
import { readChart } from '../../../tools/visualize/read-chart.ts';
import { readSource } from '../../../tools/visualize/source-lines.ts';
import { sampleMachine } from '../../support/visualize/sample-machine.ts';

const chart = readChart(sampleMachine);
const edges = edgesOf(chart);

/** The arrows as text: `idle -> both: go [ready] / start`. */
const arrows = [...edges.apart.values()].flat().flatMap(({ from, to, labels }) =>
  labels.map(({ transition, target }) => {
    const [begin, end] = [from[0] ?? to, to].map(({ kind, id }) =>
      kind === 'state' ? id.slice('sample.'.length) : `${kind} ${id.slice('sample.'.length)}`,
    );
    return `${begin} -> ${end}: ${plainText(transitionPhrases(transition, target))}`;
  }),
);

const rowsOf = (id: string) => {
  const find = (state: typeof chart): typeof chart | undefined =>
    state.id === id ? state : state.children.map(find).find(Boolean);
  const state = find(chart);
  return state ? stateRows(state, edges.internal.get(id) ?? []).map(plainText) : [];
};

describe('reading a machine', () => {
  it('the chart of a machine has arrows with guards, actions, delays and actors', () => {
    expect(arrows.sort()).toEqual(
      [
        'any both.left -> both.left.two: two',
        'both.left.one -> both.left.two: always [ready]',
        'both.left.two -> both.left.one: after pause',
        'both.left.two -> both.left.one: work failed',
        'both.left.two -> exit end: work done',
        'idle -> both: go [ready] / start',
        'idle -> end: after 250 ms',
        'idle -> end: after patience (1.5 s)',
      ].sort(),
    );
  });

  it('the chart of a machine has lines for what a state does without a transition', () => {
    expect(rowsOf('sample')).toEqual(['log.* / start']);
    expect(rowsOf('sample.idle')).toEqual([
      'entry / start, say(hello)',
      'exit / stop',
      'go [ready] (ignored)',
      'again (reenter)',
    ]);
    expect(rowsOf('sample.both')).toEqual(['reset → left.one']);
    expect(rowsOf('sample.both.left.two')).toEqual(['invoke work as job']);
    expect(rowsOf('sample.both.right')).toEqual(['quit → end']);
  });
});

describe('the picture', () => {
  let layout: Layout;
  beforeAll(async () => {
    layout = await layoutChart(chart);
  });

  it('the picture of a machine has no overlaps', () => {
    expect(findOverlaps(layout)).toEqual([]);
  });

  it('the picture of a machine shows initial dots, regions, a final state and exits of regions', () => {
    expect(layout.marks.map(({ kind }) => kind).sort()).toEqual([
      'any',
      'exit',
      'initial',
      'initial',
    ]);
    const regions = layout.boxes.filter(({ region }) => region).map(({ state }) => state.key);
    expect(regions).toEqual(['left', 'right']);
    expect(drawSvg(chart, layout).match(/class="inner"/g)).toHaveLength(1);
  });

  it('the picture of a machine escapes characters that would end an attribute or a tag', () => {
    const renamed = { ...chart, description: 'Less < "more" & more' };
    expect(drawSvg(renamed, layout)).toContain('Less &lt; &quot;more&quot; &amp; more');
  });

  it('a picture with a label on another one or on a state is refused', () => {
    const [first, second] = layout.labels;
    const [box] = layout.boxes.filter(({ state }) => state.key === 'end');
    if (!first || !second || !box) throw new Error('the sample has labels and states');
    const withLabel = (x: number, y: number): Layout => ({
      ...layout,
      labels: [second, { ...first, rect: { ...first.rect, x, y }, texts: [] }],
    });
    const { x, y } = second.rect;
    expect(() => assertNoOverlaps(withLabel(x + 2, y + 2))).toThrow(
      `'${second.name}' on '${first.name}'`,
    );
    const border = withLabel(box.rect.x - 5, box.rect.y + 5);
    expect(() => assertNoOverlaps(border)).toThrow('on the border of sample.end');
    expect(() => assertNoOverlaps(withLabel(-5, 0))).toThrow('leaves the picture');
  });
});

it('Mermaid text has no characters that end a label', () => {
  const text = mermaidOf(chart);
  expect(text).toContain('state "both" as both {');
  expect(text).toContain('--\n');
  expect(text).toContain('s_end --> [*]');
  expect(text).toContain('idle --> both : go [ready] / start');
  expect(text).toContain('both_left_two --> both_left_to_s_end : work done');
  expect(text).not.toMatch(/[;#"]$/m);
});

it('states, events, delays and invokes are found in a source', () => {
  const source = `/** Says what
 * it is. */
export const aMachine = setup({}).createMachine({
  states: {
    one: {
      on: {
        'go.now': 'two',
      },
      invoke: {
        src: 'work',
        onDone: 'two',
      },
    },
    two: {
      after: { pause: 'one' },
    },
  },
});`;
  const { comment, lineOf } = readSource(source, 'aMachine');
  expect(comment).toBe('Says what it is.');
  const lines = [lineOf([]), lineOf(['one']), lineOf(['one'], 'go.now'), lineOf(['one'], 'onDone')];
  expect(lines).toEqual([3, 5, 7, 11]);
  expect(lineOf(['two'], 'pause')).toBe(15);
  expect(lineOf(['two'], 'unknown')).toBe(14);
  expect(readSource(source, 'otherMachine').lineOf(['one'])).toBeUndefined();
});
