/** @import { SessionSummary, ViewMessage } from '../view.ts' */
/** @import { WirePicture } from '../wire.ts' */
/** @import { Actor, World } from './world.js' */
import { ActorsView } from './actors-view.js';
import { ChartView, describe } from './chart-view.js';
import { Charts } from './charts.js';
import { DetailView, showPictures } from './detail-view.js';
import { byId, setText } from './dom.js';
import { History } from './history.js';
import { listenForKeys } from './keys.js';
import { Link } from './link.js';
import { showLink } from './link-view.js';
import { LogView } from './log-view.js';
import { showMetrics } from './metrics-view.js';
import { OVERVIEW, OverviewView } from './overview-view.js';
import { Player } from './player.js';
import { SessionsView } from './sessions-view.js';
import { TimelineView } from './timeline-view.js';
import { labelOf, machineOf, machinesIn, newestOf } from './world.js';

let limits = { events: 20_000, bytes: 32 * 1024 * 1024 };
let history = new History(limits);
/** @type {SessionSummary[]} */
let sessions = [];
/** @type {string | null} */
let session = null;
/** @type {string | null} */
let selected = null;
/** The selected event; `null` follows the newest one. @type {number | null} */
let position = null;
/** The newest event when following ended. Later ones are not shown yet. */
let frozen = 0;
/** @type {WirePicture[]} */
let pictures = [];
/** Whether all machines are shown instead of one: until an actor is selected. */
let isOverview = true;
let scheduled = false;
let dead = false;

// The selection survives a reload of the page, in this tab only.
const KEPT = 'sightline-inspector';
/** @type {{ session?: string, actor?: string, filter?: string, kind?: string }} */
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');

const tabs = new SessionsView(choose);
const charts = new Charts();
const chart = new ChartView(charts);
const all = byId('all', HTMLElement);
// Lets the arrow keys scroll it.
all.tabIndex = 0;
const overview = new OverviewView(all, (machine) => {
  const actor = newestOf(machine, history.at(position ?? history.lastSeq));
  if (actor) select(actor.id);
});
const emptyOverview = new OverviewView(byId('empty-overview', HTMLElement));
const overviewButton = byId('overview', HTMLElement);
overviewButton.onclick = () => {
  isOverview = !isOverview;
  soon();
};
const detail = new DetailView();
const actors = new ActorsView((id) => select(id));
const log = new LogView(
  (seq, actorId) => {
    select(actorId);
    go(seq);
  },
  () => keep(),
);
const player = new Player((seq) => {
  position = seq;
  soon();
});
const timeline = new TimelineView({ go, step, toggle, follow });
log.filter = kept.filter ?? '';
log.choose(kept.kind ?? 'All');
const link = new Link(hear, (state) => {
  dead = state === 'disconnected';
  if (!dead) session = null;
  soon();
});

/** @param {ViewMessage} message @param {number} length In characters. */
function hear(message, length) {
  switch (message.type) {
    case 'hello':
      limits = { events: message.maxEvents, bytes: message.maxBytes };
      charts.set(message.charts);
      chart.redraw();
      void overview.draw(charts);
      void emptyOverview.draw(charts);
      break;
    case 'sessions':
      sessions = message.sessions;
      if (session === null) choose(preferred());
      break;
    case 'reset':
      if (message.session !== session) return;
      history.reset(message.base, message.nextSeq);
      pictures = [];
      break;
    case 'events':
      if (message.session !== session) return;
      for (const [seq, event] of message.events)
        history.add(seq, event, length / message.events.length);
      break;
    case 'picture':
      if (message.session !== session) return;
      pictures = [...pictures.slice(-23), message.picture];
      break;
  }
  soon();
}

/** The session from before the reload, otherwise the newest connected one. */
function preferred() {
  const before = sessions.find(({ id }) => id === kept.session);
  const live = sessions.findLast(({ connected }) => connected);
  return (before ?? live ?? sessions.at(-1))?.id ?? null;
}

/** @param {string | null} id */
function choose(id) {
  if (id === null) return;
  session = id;
  selected = kept.session === id ? (kept.actor ?? null) : null;
  isOverview = selected === null;
  history = new History(limits);
  pictures = [];
  player.stop();
  position = null;
  log.clear();
  link.watch(id);
  keep();
}

/** @param {string} id */
function select(id) {
  selected = id;
  isOverview = false;
  keep();
}

function keep() {
  kept.filter = log.filter;
  kept.kind = log.choice;
  if (session !== null) {
    kept.session = session;
    if (selected !== null) kept.actor = selected;
    else delete kept.actor;
  }
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  soon();
}

const lastShown = () => (position === null ? history.lastSeq : Math.max(frozen, position));

/** @param {number} seq */
function go(seq) {
  player.stop();
  if (position === null) frozen = history.lastSeq;
  position = Math.min(lastShown(), Math.max(history.firstSeq, seq));
  soon();
}

/** @param {number} by */
function step(by) {
  go((position ?? history.lastSeq) + by);
}

function follow() {
  player.stop();
  position = null;
  soon();
}

function toggle() {
  const recording = sessions.find(({ id }) => id === session)?.kind === 'recording';
  if (player.playing) player.stop();
  else if (position === null && !recording) return go(history.lastSeq);
  else {
    // Playing at the end starts from the beginning.
    if (position === null || position >= lastShown()) go(history.firstSeq);
    player.play(history, position ?? history.firstSeq, lastShown());
  }
  soon();
}

function soon() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    show();
  });
}

function show() {
  const known = sessions.find(({ id }) => id === session);
  showLink(known, dead);
  tabs.show(sessions, session);
  byId('empty', HTMLElement).hidden = known !== undefined;
  byId('main', HTMLElement).hidden = known === undefined;
  if (!known) return;
  // The selected event may have been dropped.
  if (position !== null && position < history.firstSeq) position = history.firstSeq;
  const lastSeq = lastShown();
  const at = position ?? lastSeq;
  const world = history.at(at);
  const chosen = selectedIn(world);
  const actor = chosen === null ? undefined : world.actors.get(chosen);
  document.body.classList.toggle('past', position !== null);
  actors.show(world, chosen);
  showTitle(actor, world, chosen);
  chart.show(actor);
  if (showsAll(world)) showAll(world);
  detail.show(actor, position === null ? undefined : history.entry(at));
  showPicturesUntil(history.entry(at)?.row.at ?? Number.POSITIVE_INFINITY);
  showMetrics(world.metrics);
  log.show(history, lastSeq, at, position === null);
  timeline.show(history, {
    lastSeq,
    position: at,
    live: position === null,
    playing: player.playing,
    recording: known.kind === 'recording',
  });
}

/**
 * @param {Actor | undefined} actor @param {World} world
 * @param {string | null} chosen
 */
function showTitle(actor, world, chosen) {
  setText(
    byId('actor-name', HTMLElement),
    actor ? labelOf(actor, world) : chosen === null ? '' : 'Not running at this moment',
  );
  const status = byId('actor-status', HTMLElement);
  setText(status, actor?.status ?? '');
  status.dataset.status = actor?.status ?? '';
  describe(byId('actor-about', HTMLElement), actor);
}

/** Switches between one machine and all. @param {World} world @returns {boolean} Whether it is all. */
function showsAll(world) {
  const isOurs = (/** @type {Actor} */ actor) => charts.has(machineOf(actor)?.id ?? '');
  // Also at the end of a recording, where none of them runs.
  const known = charts.has(OVERVIEW) && [...world.actors.values()].some(isOurs);
  const isAll = isOverview && known;
  overviewButton.hidden = !known;
  overviewButton.setAttribute('aria-pressed', String(isAll));
  all.hidden = !isAll;
  byId('states', HTMLElement).hidden = isAll;
  const place = byId('chart', HTMLElement);
  const appears = place.hidden && !isAll;
  place.hidden = isAll;
  if (appears) chart.resize();
  return isAll;
}

/** @param {World} world */
function showAll(world) {
  overview.light(machinesIn(world));
  setText(byId('actor-name', HTMLElement), 'All machines');
  setText(byId('actor-status', HTMLElement), '');
  setText(byId('actor-about', HTMLElement), 'Those that run are green: click one for its states');
}

/**
 * The selected actor; in follow mode, another one if that has stopped.
 * @param {World} world
 */
function selectedIn({ actors }) {
  if (selected !== null && (actors.has(selected) || position !== null)) return selected;
  const all = [...actors.values()];
  return (all.find((actor) => machineOf(actor)) ?? all[0])?.id ?? null;
}

let shownPictures = '';
/** @param {number} at Later pictures are left out. In ms since the epoch. */
function showPicturesUntil(at) {
  const past =
    position === null ? pictures : pictures.filter(({ createdAt }) => Number(createdAt) <= at);
  const key = past.map(({ id, createdAt }) => `${id} ${createdAt}`).join();
  if (key === shownPictures) return;
  shownPictures = key;
  showPictures(past);
}

listenForKeys(
  { step, toggle, follow, toFirst: () => go(0), filter: () => log.focus() },
  () => session !== null,
);

addEventListener('resize', () => {
  chart.resize();
  soon();
});
