import { htmlEscape } from 'escape-goat';
import { type ChartState, type ChartTransition, withDescendants } from './chart.ts';
import { drawSvg } from './draw-svg.ts';
import { galleryScript, galleryStyle } from './gallery-page.ts';
import type { Layout } from './geometry.ts';
import { nearName, plainText, transitionPhrases } from './phrases.ts';
import type { SourceLines } from './source-lines.ts';

export interface GallerySection {
  /** `track-discovery` */
  name: string;
  /** Of the machine's file, from the root of the repository. */
  path: string;
  chart: ChartState;
  layout: Layout;
  lines: SourceLines;
}

/**
 * All machines on one standalone page.
 *
 * @param overview - The picture of how they connect, which comes first.
 */
export function galleryPage(sections: readonly GallerySection[], overview = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sightline: state machines</title>
<style>
${galleryStyle}
</style>
</head>
<body>
<header class="page">
<h1>Sightline: state machines</h1>
<p>Generated from <code>src/machines</code> with <code>npm run visualize</code>. To play with one, paste its config into <a href="https://sketch.stately.ai">sketch.stately.ai</a>.</p>
<div class="picture" tabindex="0" role="group" aria-label="How the machines connect">
${overview.trimEnd()}
</div>
<details><summary>How to read the pictures</summary><p>${legend}</p></details>
<nav aria-label="Machines">${sections.map(card).join('')}</nav>
</header>
<div class="search">
<label><span>Search states and events</span><input type="search" id="search" placeholder="Search states and events" autocomplete="off"></label>
<output id="found" for="search"></output>
</div>
<main>
${sections.map(section).join('\n')}
</main>
<script>
${galleryScript}
</script>
</body>
</html>
`;
}

const legend =
  'A dot marks the initial state; a dashed border is a region that runs beside the others; a double border is final; a dotted arrow needs no event. <b>any state</b> stands for whichever state is active. An arrow says event, [guard] and / actions; times are those of the default options. Lines inside a box are what a state does without leaving.';

function card({ name, chart }: GallerySection): string {
  const states = withDescendants(chart).length - 1;
  return `<a href="#${name}"><b>${htmlEscape(chart.key)}</b><span>${htmlEscape(chart.description ?? '')}</span><small>${count(states, 'state')}, ${count(eventNames(chart).size, 'event')}</small></a>`;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function eventNames(chart: ChartState): Set<string> {
  const all = withDescendants(chart).flatMap(({ transitions }) => transitions);
  return new Set(all.flatMap(({ trigger }) => (trigger.kind === 'event' ? [trigger.name] : [])));
}

function section(entry: GallerySection): string {
  const { name, path, chart, layout, lines } = entry;
  return `<section class="machine" id="${name}">
<h2><a href="#${name}">${htmlEscape(chart.key)}</a></h2>
<p>${prose(lines.comment ?? chart.description ?? '')}</p>
<p class="files">${[
    link(`../${path}${anchor(lines.lineOf([]))}`, path),
    link(`${name}.config.json`, 'config'),
    link(`${name}.svg`, 'SVG'),
    link(`${name}.mmd`, 'Mermaid'),
  ].join(' ')}</p>
<div class="picture" tabindex="0" role="group" aria-label="Picture of ${htmlEscape(chart.key)}">
${drawSvg(chart, layout).trimEnd()}
</div>
${statesTable(entry)}
${eventsTable(entry)}
</section>`;
}

function statesTable({ path, chart, lines }: GallerySection): string {
  const all = withDescendants(chart);
  const regions = new Set(
    all.flatMap(({ kind, children }) => (kind === 'parallel' ? children : [])),
  );
  const rows = all.slice(1).map((state) => {
    const source = `../${path}${anchor(lines.lineOf(state.path))}`;
    return row(state, [
      link(source, state.path.join('.')),
      regions.has(state) ? 'region' : state.kind === 'atomic' ? '' : state.kind,
      htmlEscape(state.description ?? ''),
    ]);
  });
  return table('States', ['State', 'Kind', 'Description'], rows);
}

function eventsTable({ path, chart, lines }: GallerySection): string {
  const rows = withDescendants(chart).flatMap((state) =>
    byKey(state.transitions).map(([key, transitions]) => {
      const [first] = transitions;
      const name = first
        ? plainText(transitionPhrases({ ...first, guard: undefined, actions: [] }))
        : key;
      const source = `../${path}${anchor(lines.lineOf(state.path, key))}`;
      return row(state, [
        link(source, name),
        htmlEscape(state.path.join('.') || 'any'),
        transitions.map((transition) => outcome(state, transition)).join(''),
      ]);
    }),
  );
  return table('Events', ['Event', 'In state', 'What happens'], rows);
}

/** The events of a state, each with its candidates in order; `always` is no event. */
function byKey(transitions: readonly ChartTransition[]): [string, ChartTransition[]][] {
  const groups = new Map<string, ChartTransition[]>();
  for (const transition of transitions) {
    if (transition.trigger.kind === 'always') continue;
    groups.set(transition.sourceKey, [...(groups.get(transition.sourceKey) ?? []), transition]);
  }
  return [...groups];
}

function outcome(state: ChartState, transition: ChartTransition): string {
  const { description, guard, targets, actions } = transition;
  const parts = [
    ...(guard === undefined ? [] : [`[${guard}]`]),
    ...targets.map((target) => `→ ${nearName(target, state.id)}`),
    ...(actions.length > 0 ? [`/ ${actions.join(', ')}`] : []),
  ];
  const code = `<code>${htmlEscape(parts.join(' ') || 'ignored')}</code>`;
  return `<div>${description ? `${htmlEscape(description)} ` : ''}${code}</div>`;
}

const row = (state: ChartState, cells: readonly string[]) =>
  `<tr data-for="${htmlEscape(state.id)}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

function table(name: string, heads: readonly string[], rows: readonly string[]): string {
  return `<details open><summary>${name} <small>${rows.length}</small></summary>
<div class="scroll"><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div></details>`;
}

const anchor = (line: number | undefined) => (line === undefined ? '' : `#L${line}`);
const link = (href: string, text: string) =>
  `<a href="${htmlEscape(href)}">${htmlEscape(text)}</a>`;

/** Comments contain code in backticks. */
const prose = (text: string) => htmlEscape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
