/** Colours by use: light, dark. */
const colours = {
  canvas: ['#ffffff', '#0d1117'],
  frame: ['#d0d7de', '#30363d'],
  group: ['#f4f6f9', '#151b23'],
  'group-line': ['#b6c0cb', '#3d444d'],
  region: ['#fafbfc', '#11161d'],
  'region-line': ['#9aa6b2', '#4a5460'],
  state: ['#ffffff', '#1d2530'],
  'state-line': ['#8896a5', '#56626f'],
  rule: ['#e4e8ec', '#2d353f'],
  edge: ['#6b7785', '#8b97a5'],
  label: ['#eceff6', '#262e3b'],
  ink: ['#1f2328', '#f0f3f6'],
  muted: ['#59636e', '#9da7b3'],
  event: ['#3538cd', '#a4b1ff'],
  guard: ['#1f2328', '#f0f3f6'],
  action: ['#4b545d', '#b9c2cb'],
  delay: ['#a04100', '#f0a35e'],
  actor: ['#0a7263', '#4fd1b8'],
} as const satisfies Record<string, readonly [string, string]>;

type Use = keyof typeof colours;

const variables = (theme: 0 | 1) =>
  Object.entries(colours)
    .map(([use, pair]) => `--c-${use}:${pair[theme]}`)
    .join(';');

/** Twice: renderers without variables skip the second one and stay light. */
const paint = (property: 'fill' | 'stroke', use: Use) =>
  `${property}:${colours[use][0]};${property}:var(--c-${use})`;

const box = (kind: string, fill: Use, line: Use, more = '') =>
  `.chart .${kind}{${paint('fill', fill)};${paint('stroke', line)}${more}}`;
const ink = (tone: string, use: Use) => `.chart .${tone}{${paint('fill', use)}}`;

export const chartStyle = [
  `.chart{${variables(0)};font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",Arimo,"Nimbus Sans",sans-serif}`,
  `@media (prefers-color-scheme:dark){.chart{${variables(1)}}}`,
  box('root', 'canvas', 'frame'),
  box('group', 'group', 'group-line'),
  box('region', 'region', 'region-line', ';stroke-dasharray:5 4'),
  box('state', 'state', 'state-line', ';stroke-width:1.2'),
  `.chart .inner{fill:none;${paint('stroke', 'state-line')}}`,
  box('any', 'canvas', 'region-line', ';stroke-dasharray:3 3'),
  box('exit', 'canvas', 'edge'),
  `.chart .rule{fill:none;${paint('stroke', 'rule')}}`,
  `.chart .edge{fill:none;${paint('stroke', 'edge')};stroke-width:1.3}`,
  '.chart .eventless{stroke-dasharray:2 3}',
  ink('arrow', 'edge'),
  ink('initial', 'ink'),
  ink('label', 'label'),
  ink('plain', 'ink'),
  ink('title', 'ink'),
  ink('muted', 'muted'),
  ink('event', 'event'),
  ink('guard', 'guard'),
  ink('action', 'action'),
  ink('delay', 'delay'),
  ink('actor', 'actor'),
  ink('target', 'ink'),
  '.chart .b{font-weight:700}',
].join('');
