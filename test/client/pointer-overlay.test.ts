import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PointerOverlay } from '../../src/client/index.ts';
import { stubAnimationFrames } from '../support/animation-frames.ts';

/** An element of a page without a browser: what the overlay uses of one. */
class PageElement {
  className = '';
  textContent = '';
  popover: string | null = null;
  isConnected = false;
  isShown = false;
  readonly style: Record<string, string> = {};
  readonly attributes = new Map<string, string>();
  readonly children: PageElement[] = [];
  rectangle = { x: 0, y: 0, width: 0, height: 0 };
  parent: PageElement | undefined;

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  append(...children: PageElement[]): void {
    for (const child of children) {
      child.remove();
      this.children.push(child);
      child.parent = this;
      child.isConnected = true;
    }
  }
  remove(): void {
    const { parent } = this;
    parent?.children.splice(parent.children.indexOf(this), 1);
    this.parent = undefined;
    this.isConnected = false;
  }
  showPopover(): void {
    this.isShown = true;
  }
  getBoundingClientRect() {
    return this.rectangle;
  }
}

/** A video of 200 x 100 pixels in the window, whose picture has the same size. */
class PageVideo extends PageElement {
  videoWidth = 200;
  videoHeight = 100;
  offsetWidth = 200;
  offsetHeight = 100;
  readonly parentElement = null;
  readonly HAVE_CURRENT_DATA = 2;
  readyState = 2;
  override isConnected = true;
  override rectangle = { x: 100, y: 50, width: 200, height: 100 };
}

const STYLE = {
  ...{ borderLeftWidth: '0', borderRightWidth: '0', borderTopWidth: '0', borderBottomWidth: '0' },
  ...{ paddingLeft: '0', paddingRight: '0', paddingTop: '0', paddingBottom: '0' },
  ...{ objectFit: 'contain', objectPosition: '50% 50%', overflow: 'visible' },
  ...{ scale: 'none', rotate: 'none', transform: 'none' },
};

let root: PageElement;
/** The grey level of all that videos show. */
let level: number;
let frames: Map<number, () => void>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  root = new PageElement();
  level = 100;
  frames = new Map();
  const canvas = () => ({
    getContext: () => ({
      drawImage: () => {},
      getImageData: (_x: number, _y: number, across: number, down: number) => ({
        data: new Uint8ClampedArray(4 * across * down).fill(level),
      }),
    }),
  });
  vi.stubGlobal('document', {
    documentElement: root,
    body: new PageElement(),
    createElement: (tag: string) => (tag === 'canvas' ? canvas() : new PageElement()),
  });
  vi.stubGlobal('HTMLVideoElement', PageVideo);
  vi.stubGlobal('getComputedStyle', () => STYLE);
  vi.stubGlobal('innerWidth', 1000);
  vi.stubGlobal('innerHeight', 800);
  vi.stubGlobal(
    'DOMMatrix',
    class {
      readonly a = 1;
      readonly b = 0;
      readonly c = 0;
      readonly d = 1;
    },
  );
  stubAnimationFrames(frames);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The browser draws its next frame after this time. */
function draw(ms = 16) {
  vi.advanceTimersByTime(ms);
  const due = [...frames.values()];
  frames.clear();
  for (const frame of due) frame();
}

const POINT = {
  ...{ version: 1, frame: 7, participant: 'ann', track: 'TR_1', source: 'screen' },
  ...{ x: 0.5, y: 0.5, label: 'the button' },
};
const AGENT = { kind: 4, attributes: {}, identity: 'agent' };

/** A room in which Ann shares a screen that the page shows. */
function stage(options: ConstructorParameters<typeof PointerOverlay>[1] = {}) {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const of = (event: string) => {
    const known = listeners.get(event) ?? new Set();
    listeners.set(event, known);
    return known;
  };
  const video = new PageVideo();
  const publication = {
    kind: 'video',
    isMuted: false,
    track: { attachedElements: [video] as PageElement[] },
  };
  const tracks = new Map([['TR_1', publication]]);
  const room = {
    localParticipant: { identity: 'me', trackPublications: new Map([['TR_2', publication]]) },
    remoteParticipants: new Map([['ann', { identity: 'ann', trackPublications: tracks }]]),
    on: (event: string, listener: () => void) => of(event).add(listener),
    off: (event: string, listener: () => void) => of(event).delete(listener),
  };
  const changes: unknown[] = [];
  const onChange = (point: unknown) => changes.push(point);
  const overlay = new PointerOverlay(room as never, { onChange, ...options });
  const point = (more: object = {}, sender: object = AGENT, topic = 'sightline.point') => {
    const payload = new TextEncoder().encode(JSON.stringify({ ...POINT, ...more }));
    for (const listener of of('dataReceived')) listener(payload, sender, 0, topic);
  };
  const disconnect = () => {
    for (const listener of of('disconnected')) listener();
  };
  const find = (name: string) =>
    root.children.flatMap((one) => [one, ...one.children]).find((one) => one.className === name);
  const listening = () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0);
  return { overlay, point, disconnect, video, publication, tracks, changes, find, listening };
}

const OUTLINE = 'sightline-pointer-outline';
const LABEL = 'sightline-pointer-label';
const STATUS = 'sightline-pointer-status';

test('a mark is drawn over its place, announced, and reported to the page', () => {
  const { overlay, point, changes, find } = stage();
  point();
  expect(overlay.point).toEqual(POINT);
  expect(changes).toEqual([POINT]);
  expect(find(STATUS)?.textContent).toBe('the button');
  expect(find(LABEL)?.textContent).toBe('the button');
  expect(find(OUTLINE)?.style).toMatchObject({
    ...{ left: '179px', top: '79px', width: '36px', height: '36px', borderRadius: '50%' },
  });
  point({ x: 0.1, y: 0.2, width: 0.5, height: 0.4, label: 'the list' });
  expect(find(OUTLINE)?.style).toMatchObject({
    ...{ left: '117px', top: '67px', width: '100px', height: '40px', borderRadius: '2px' },
  });
  expect([find(LABEL)?.textContent, find(STATUS)?.textContent]).toEqual(['the list', 'the list']);
});

test('a label is above its mark, or below it at the top, and stays in the window', () => {
  const { point, find, video } = stage();
  point();
  const label = find(LABEL);
  const placed = (x: number, y: number) => {
    Object.assign(video.rectangle, { x, y });
    if (label) label.rectangle = { x: 0, y: 0, width: 150, height: 20 };
    draw();
    return label?.style.transform;
  };
  expect(placed(100, 50)).toBe('translate(179px, 53px)');
  expect(placed(100, -30)).toBe('translate(179px, 47px)');
  expect(placed(-90, 50)).toBe('translate(0px, 53px)');
  expect(placed(890, 50)).toBe('translate(850px, 53px)');
});

test('a mark follows its video, and is not drawn while its place is not visible', () => {
  const { overlay, point, find, video } = stage();
  point();
  video.rectangle = { ...video.rectangle, x: 300 };
  draw();
  expect(find(OUTLINE)?.style.left).toBe('379px');
  video.rectangle = { ...video.rectangle, x: -150 };
  draw();
  expect(find(OUTLINE)).toBeUndefined();
  video.rectangle = { ...video.rectangle, x: 100 };
  draw();
  expect(find(OUTLINE)?.style.left).toBe('179px');
  video.offsetWidth = 0;
  draw();
  expect(find(OUTLINE)).toBeUndefined();
  expect(overlay.point).toBeDefined();
});

test('only an agent with a point of a video that is shared draws a mark', () => {
  const { overlay, point, publication } = stage();
  point({}, { ...AGENT, kind: 0 });
  point({}, { ...AGENT, attributes: { 'lk.publish_on_behalf': 'agent' } });
  point({}, AGENT, 'another.topic');
  point({ version: 2 });
  point({ participant: 'bob' });
  point({ track: 'TR_9' });
  point({}, null as never);
  publication.kind = 'audio';
  point();
  publication.kind = 'video';
  expect(overlay.point).toBeUndefined();
  point({ participant: 'me', track: 'TR_2' });
  expect(overlay.point).toMatchObject({ participant: 'me' });
});

test('a mark ends after its time, which a longer option extends', () => {
  const short = stage();
  short.point();
  vi.advanceTimersByTime(14_999);
  expect(short.overlay.point).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(short.overlay.point).toBeUndefined();
  expect(short.changes.at(-1)).toBeUndefined();
  expect(short.find(OUTLINE)).toBeUndefined();
  expect(short.find(STATUS)?.textContent).toBe('');
  expect(frames.size).toBe(0);
  const long = stage({ showForMs: 20_000 });
  long.point();
  vi.advanceTimersByTime(19_999);
  expect(long.overlay.point).toBeDefined();
  for (const showForMs of [0, -1, Number.NaN, 2 ** 31])
    expect(() => stage({ showForMs })).toThrow(RangeError);
});

test('the next mark replaces the first one with its time', () => {
  const { overlay, point, changes } = stage();
  point();
  vi.advanceTimersByTime(10_000);
  point({ frame: 8 });
  expect(changes).toEqual([POINT, undefined, { ...POINT, frame: 8 }]);
  expect([vi.getTimerCount(), frames.size]).toEqual([1, 1]);
  vi.advanceTimersByTime(10_000);
  expect(overlay.point).toMatchObject({ frame: 8 });
});

test('a mark ends with a mute, with its track, and with the room', () => {
  const muted = stage();
  muted.point();
  muted.publication.isMuted = true;
  draw();
  expect(muted.overlay.point).toBeUndefined();
  const unpublished = stage();
  unpublished.point();
  unpublished.tracks.clear();
  draw();
  expect(unpublished.overlay.point).toBeUndefined();
  const left = stage();
  left.point();
  left.disconnect();
  expect(left.overlay.point).toBeUndefined();
});

test('a mark ends when two checks in a row find another scene, a quarter of a second apart', () => {
  const { overlay, point } = stage();
  point();
  level = 200;
  draw(249);
  draw(1);
  expect(overlay.point).toBeDefined();
  level = 100;
  draw(250);
  level = 200;
  draw(250);
  draw(249);
  expect(overlay.point).toBeDefined();
  draw(1);
  expect(overlay.point).toBeUndefined();
});

test('the largest video that is on the page is marked, or the one that the page names', () => {
  const at = (x: number) => ({ x, y: 0, width: 100, height: 100 });
  const video = (more: object) => Object.assign(new PageVideo(), { rectangle: at(0) }, more);
  const flat = video({ offsetWidth: 400, offsetHeight: 1 });
  const away = video({ offsetWidth: 900, isConnected: false });
  const image = Object.assign(new PageElement(), { offsetWidth: 900, offsetHeight: 900 });
  image.isConnected = true;
  const { point, publication, find } = stage();
  publication.track.attachedElements.unshift(away, image, flat);
  point();
  expect(find(OUTLINE)?.style.left).toBe('179px');
  const named = stage({ videoOf: () => video({ offsetWidth: 100 }) as never });
  named.point();
  expect(root.children.at(-1)?.children[0]?.style.left).toBe('29px');
});

test('a track that no element shows has a mark as soon as one does', () => {
  const { overlay, point, publication, find, video } = stage();
  publication.track.attachedElements.splice(0);
  point();
  expect(find(OUTLINE)).toBeUndefined();
  publication.track.attachedElements.push(video);
  draw();
  expect(find(OUTLINE)).toBeDefined();
  expect(overlay.point).toBeDefined();
});

test('a video whose picture cannot be read keeps its mark', () => {
  const { overlay, point, video } = stage();
  video.readyState = 1;
  point();
  for (const shade of [100, 200, 100, 200]) {
    level = shade;
    draw(250);
  }
  expect(overlay.point).toBeDefined();
});

test('a mark lets clicks through, is above all else, and is announced and not read twice', () => {
  const { point, find } = stage();
  expect(find(STATUS)?.attributes).toEqual(
    new Map([
      ['role', 'status'],
      ['aria-live', 'polite'],
    ]),
  );
  expect(find(STATUS)?.style).toMatchObject({ position: 'fixed', clipPath: 'inset(50%)' });
  point();
  expect(find('sightline-pointer')).toMatchObject({
    popover: 'manual',
    isShown: true,
    attributes: new Map([['aria-hidden', 'true']]),
    style: { position: 'fixed', pointerEvents: 'none', zIndex: '2147483647', maxWidth: 'none' },
  });
  const color = 'var(--sightline-pointer-color, #e6007e)';
  expect(find(OUTLINE)?.style).toMatchObject({
    ...{ position: 'absolute', border: `3px solid ${color}` },
  });
  expect(find(LABEL)?.style).toMatchObject({ background: color, color: '#fff', maxWidth: '40ch' });
});

test('a line has a box of its own size, and a place at an edge is drawn', () => {
  const { point, find, video } = stage();
  const sides = () => {
    const { left, top, width, height } = find(OUTLINE)?.style ?? {};
    return [left, top, width, height];
  };
  point({ x: 0.25, y: 0.5, width: 0, height: 0.5 });
  expect(sides()).toEqual(['147px', '97px', '0px', '50px']);
  point({ x: 0.25, y: 0.5, width: 0.5, height: 0 });
  expect(sides()).toEqual(['147px', '97px', '100px', '0px']);
  for (const [x, y] of [
    [0, 0.5],
    [1, 0.5],
    [0.5, 0],
    [0.5, 1],
  ]) {
    point({ x, y });
    expect(find(OUTLINE)).toBeDefined();
  }
  point();
  for (const [y, isDrawn] of [
    [-50, true],
    [-51, false],
    [750, true],
    [751, false],
  ] as const) {
    video.rectangle = { ...video.rectangle, y };
    draw();
    expect(find(OUTLINE) !== undefined).toBe(isDrawn);
  }
});

test('a box is drawn only where its video is visible', () => {
  const { point, find, video } = stage();
  point({ x: 0.25, y: 0.25, width: 0.75, height: 0.5 });
  expect(find(OUTLINE)?.style).toMatchObject({ left: '147px', width: '150px' });
  // A part of the video is beyond the window.
  video.rectangle = { ...video.rectangle, x: -80 };
  draw();
  expect(find(OUTLINE)?.style).toMatchObject({ left: '-3px', width: '120px' });
});

test('closing removes the mark, all elements and all listeners', () => {
  const { overlay, point, listening } = stage();
  point();
  expect(listening()).toBe(2);
  overlay.close();
  expect(overlay.point).toBeUndefined();
  expect([listening(), root.children.length, frames.size, vi.getTimerCount()]).toEqual([
    0, 0, 0, 0,
  ]);
});
