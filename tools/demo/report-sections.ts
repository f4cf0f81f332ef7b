import { type Html, html } from './html.ts';
import {
  type AvatarResult,
  type DemoResult,
  isAnswered,
  type Switch,
  type Transition,
  type Turn,
} from './result.ts';

/** The result of the run: the verdict and the main figures. */
export function verdictSection({ ok, turns, switches }: DemoResult): Html {
  const passed = turns.filter(isAnswered).length;
  const isOwn = turns.some(({ expected }) => expected === undefined);
  const ages = turns.flatMap(({ frame }) => (frame ? [frame.ageMs] : []));
  const bytes = turns.flatMap(({ frame }) => (frame ? [frame.bytes] : []));
  const gaps = switches.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs]));
  return html`<header>
<div class="brand"><span class="mark" aria-hidden="true"></span>sightline</div>
<div class="title">
<h1>What the model saw</h1>
<span class="verdict ${ok ? 'good' : 'bad'}">${ok ? 'Run passed' : 'Run failed'}</span>
</div>
<dl class="tiles">
${tile(isOwn ? 'Answered' : 'Answers right', `${passed} of ${turns.length}`)}
${tile('Pictures seen', String(ages.length), bytes.length ? `median ${kilobytes(median(bytes))}` : '')}
${tile('Median age', ages.length ? ms(median(ages)) : '–', ages.length ? `at most ${ms(Math.max(...ages))}` : '')}
${tile('Switches of source', String(switches.length), gaps.length ? `longest gap ${ms(Math.max(...gaps))}` : '')}
</dl>
</header>`;
}

function tile(name: string, value: string, detail = ''): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd>${detail && html`<dd class="detail">${detail}</dd>`}</div>
`;
}

/** A contact sheet: each turn with the picture that the model got. */
export function turnsSection(turns: readonly Turn[]): Html {
  return html`<section>
<h2>Turns</h2>
<p class="lead">Each question, the one picture that went to the model with it, and the answer.</p>
${turns.length ? html`<ol class="sheet">${turns.map(turnCard)}</ol>` : nothing('No turn was taken.')}
</section>`;
}

function turnCard(turn: Turn): Html {
  const { frame } = turn;
  const right = isAnswered(turn);
  return html`<li class="card ${!right && 'wrong'}">
<figure>
${picture(turn)}
<figcaption>${frame ? html`<span class="chip">${frame.source}</span>` : html`<span class="chip none">no picture</span>`}${
    turn.atMs !== undefined && html`<span class="when">${seconds(turn.atMs)}</span>`
  }</figcaption>
</figure>
<div class="words">
<p class="question"><span class="kind ${turn.kind}">${turn.kind}</span>${turn.question}</p>
<p class="answer">${turn.answer || html`<em>no answer</em>`}</p>
${
  turn.expected !== undefined &&
  html`<p class="check ${right ? 'good' : 'bad'}"><span>${right ? 'Right' : 'Wrong'}</span>expected <b>${turn.expected}</b></p>`
}
</div>
<dl class="facts">
${
  frame &&
  html`${fact('Age', ms(frame.ageMs))}${fact('Size', `${frame.width} × ${frame.height}`)}${fact('Data', kilobytes(frame.bytes))}${fact('Format', frame.mimeType.replace('image/', '').toUpperCase())}`
}${fact('Pictures in request', String(turn.imagesInRequest), turn.imagesInRequest > 1)}${fact('Model calls', String(turn.llmCalls), turn.llmCalls !== 1)}
</dl>
</li>
`;
}

/** The data URL of a picture, or nothing: a page must not fetch what a report contains. */
const PICTURE = /^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/=]+$/;

function picture({ picture: url, frame, question }: Turn): Html {
  if (!url || !PICTURE.test(url)) return html`<div class="empty" aria-hidden="true"></div>`;
  const size = frame ? html` width="${frame.width}" height="${frame.height}"` : '';
  return html`<img src="${url}" alt="The picture sent with “${question}”"${size}>`;
}

/** `odd` marks an unexpected figure. */
function fact(name: string, value: string, odd = false): Html {
  return html`<div><dt>${name}</dt><dd class="${odd && 'bad'}">${value}</dd></div>`;
}

/** The avatar's face during speech, and its start. */
export function avatarSection({ picture: url, joinMs, firstAudioMs, faults }: AvatarResult): Html {
  const wait = (value: number | null) => (value === null ? 'never' : ms(value));
  return html`<section>
<h2>The avatar</h2>
<p class="lead">A second participant that speaks the answers, as the user saw and heard it.</p>
<ol class="sheet"><li class="card ${faults.length > 0 && 'wrong'}">
<figure>${url && PICTURE.test(url) ? html`<img src="${url}" alt="The avatar while it speaks">` : html`<div class="empty" aria-hidden="true"></div>`}</figure>
<dl class="facts">
${fact('Joined', wait(joinMs))}${fact('First heard', wait(firstAudioMs))}${fact('Faults', faults.join(', ') || 'none', faults.length > 0)}
</dl>
</li></ol>
</section>`;
}

/** Changes from one track to another, with the time without a frame. */
export function switchesSection(switches: readonly Switch[]): Html {
  const longest = Math.max(1, ...switches.map(({ gapMs }) => gapMs ?? 0));
  const rows = switches.map(
    ({ from, to, reason, gapMs }) => html`<tr>
<td><span class="chip">${from}</span></td><td><span class="chip">${to}</span></td><td>${reason}</td>
<td class="number">${
      gapMs === null
        ? '–'
        : html`<span class="bar" style="width:${Math.max(2, Math.round((gapMs / longest) * 72))}px"></span>${ms(gapMs)}`
    }</td>
</tr>`,
  );
  return html`<section>
<h2>Switches of source</h2>
<p class="lead">From the last frame of one track to the first of the next.</p>
${
  rows.length
    ? html`<div class="scroll"><table>
<thead><tr><th>From</th><th>To</th><th>Reason</th><th class="number">Gap</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
    : nothing('The source never changed.')
}
</section>`;
}

/** Colours of the machines' marks; with more machines they repeat. */
const HUES = 6;

/** Each change of state, of all machines, in order. */
export function timelineSection(transitions: readonly Transition[]): Html {
  const machines = [...new Set(transitions.map(({ machine }) => machine))];
  const rows = transitions.map(
    ({ atMs, machine, from, to, event }) => html`<tr>
<td class="number">${seconds(atMs)}</td>
<td><span class="dot hue${machines.indexOf(machine) % HUES}"></span>${machine}</td>
<td class="code">${from || '–'} <span class="arrow">→</span> ${to || '–'}</td>
<td class="code soft">${event}</td>
</tr>`,
  );
  return html`<section>
<h2>State transitions</h2>
<p class="lead">${counted(transitions.length, 'change')} of state in ${counted(machines.length, 'machine')}.</p>
${
  rows.length
    ? html`<div class="scroll tall" tabindex="0" role="region" aria-label="State transitions"><table class="dense">
<thead><tr><th class="number">Time</th><th>Machine</th><th>State</th><th>Event</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
    : nothing('No machine changed its state.')
}
</section>`;
}

/** All figures, one group for each nested object. */
export function metricsSection(metrics: object): Html {
  const groups = new Map<string, [name: string, value: string][]>();
  for (const [path, value] of figures(metrics)) {
    const group = path.length > 1 ? (path[0] ?? '') : '';
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push([(group ? path.slice(1) : path).map(spaced).join(' · '), value]);
  }
  return html`<section>
<h2>Metrics</h2>
${
  groups.size
    ? html`<div class="groups">${[...groups].map(
        ([name, rows]) => html`<div class="group"><h3>${name ? spaced(name) : 'session'}</h3>
<dl>${rows.map(([key, value]) => html`<div><dt>${key}</dt><dd>${value}</dd></div>`)}</dl></div>
`,
      )}</div>`
    : nothing('No figures.')
}
</section>`;
}

/** The leaves of nested figures, each with the names that lead to it. */
function figures(value: unknown, path: readonly string[] = []): [path: string[], value: string][] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => figures(inner, [...path, key]));
  const text = typeof value === 'number' ? number(value) : value === null ? '–' : String(value);
  return [[[...path], text]];
}

function nothing(text: string): Html {
  return html`<p class="nothing">${text}</p>`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `frameAgeMs` as `frame age ms`. */
function spaced(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}

function ms(value: number): string {
  return `${number(Math.round(value))} ms`;
}

function seconds(atMs: number): string {
  return `${(atMs / 1000).toFixed(2)} s`;
}

function kilobytes(bytes: number): string {
  return `${number(bytes / 1000)} kB`;
}
