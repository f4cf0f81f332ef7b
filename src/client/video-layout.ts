/// <reference lib="dom" />
import {
  type Box,
  combined,
  IDENTITY,
  type Linear,
  overlap,
  pictureIn,
  type Size,
  transformed,
} from './picture-geometry.ts';

/**
 * The place of a part of a video's picture in the window, in CSS pixels; `undefined` if the video
 * has no picture or no size.
 *
 * A transform moves the centre of an element to the centre of its bounding box. So the linear parts
 * of the transforms are enough, whatever their origins are.
 *
 * @param part - In shares of the upright picture.
 */
export function placeInWindow(video: HTMLVideoElement, part: Box): Box | undefined {
  const picture = { width: video.videoWidth, height: video.videoHeight };
  const outer = { width: video.offsetWidth, height: video.offsetHeight };
  if (picture.width === 0 || outer.width === 0 || outer.height === 0) return undefined;
  const style = getComputedStyle(video);
  const edge = (side: 'Left' | 'Right' | 'Top' | 'Bottom') =>
    Number.parseFloat(style[`border${side}Width`]) + Number.parseFloat(style[`padding${side}`]);
  const inner = {
    width: outer.width - edge('Left') - edge('Right'),
    height: outer.height - edge('Top') - edge('Bottom'),
  };
  const { x, y, width, height } = pictureIn(inner, picture, {
    fit: style.objectFit,
    position: style.objectPosition,
  });
  const fromCentre = {
    x: edge('Left') + x + part.x * width - outer.width / 2,
    y: edge('Top') + y + part.y * height - outer.height / 2,
    width: part.width * width,
    height: part.height * height,
  };
  const bounds = video.getBoundingClientRect();
  const centre = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
  return transformed(fromCentre, scaledTo(bounds, outer, linearOf(video)), centre);
}

/** The part of the window in which the video is visible: what its scrolled ancestors show of it. */
export function visiblePart(video: HTMLVideoElement): Box {
  let visible: Box = overlap(video.getBoundingClientRect(), {
    ...{ x: 0, y: 0 },
    ...{ width: innerWidth, height: innerHeight },
  });
  for (let one = video.parentElement; one && one !== document.body; one = one.parentElement)
    if (getComputedStyle(one).overflow !== 'visible')
      visible = overlap(visible, one.getBoundingClientRect());
  return visible;
}

/** The transforms of an element and its ancestors. */
function linearOf(element: Element): Linear {
  let linear = IDENTITY;
  for (let one: Element | null = element; one; one = one.parentElement) {
    const { scale, rotate, transform } = getComputedStyle(one);
    const { a, b, c, d } = new DOMMatrix(
      [rotation(rotate), scaling(scale), transform].filter((step) => step !== 'none').join(' '),
    );
    linear = combined({ a, b, c, d }, linear);
  }
  return linear;
}

/** The property `scale` as a function, such as `scale(-1, 1)`. */
const scaling = (scale: string): string =>
  scale === 'none' ? scale : `scale(${scale.split(' ').slice(0, 2).join(', ')})`;

const AXES: Readonly<Record<string, string>> = { x: '1, 0, 0', y: '0, 1, 0', z: '0, 0, 1' };

/** The property `rotate`, such as `90deg`, `y 180deg` or `0 1 0 180deg`, as a function. */
function rotation(rotate: string): string {
  if (rotate === 'none') return rotate;
  const words = rotate.split(' ');
  const angle = words.pop() ?? '0deg';
  const axis = words.length === 0 ? AXES.z : (AXES[words[0] ?? ''] ?? words.join(', '));
  return `rotate3d(${axis}, ${angle})`;
}

/** With the scale that the bounding box really has: `zoom` is in no transform. */
function scaledTo(bounds: Size, outer: Size, { a, b, c, d }: Linear): Linear {
  const width = Math.abs(a) * outer.width + Math.abs(c) * outer.height;
  const scale = width > 0 ? bounds.width / width : 1;
  return { a: a * scale, b: b * scale, c: c * scale, d: d * scale };
}
