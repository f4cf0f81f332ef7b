/** Width and height, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** How a video's picture lies in its box: the CSS values `object-fit` and `object-position`. */
export interface Fit {
  readonly fit: string;
  readonly position: string;
}

/** The linear part of a CSS transform: `x' = a x + c y`, `y' = b x + d y`. */
export interface Linear {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

export const IDENTITY: Linear = { a: 1, b: 0, c: 0, d: 1 };

/** The transform of an element inside an element with the `outer` transform. */
export const combined = (outer: Linear, inner: Linear): Linear => ({
  a: outer.a * inner.a + outer.c * inner.b,
  b: outer.b * inner.a + outer.d * inner.b,
  c: outer.a * inner.c + outer.c * inner.d,
  d: outer.b * inner.c + outer.d * inner.d,
});

/** The place of the entire picture in its box. It may exceed the box, as with `cover`. */
export function pictureIn(box: Size, picture: Size, { fit, position }: Fit): Box {
  const { width, height } = fitted(box, picture, fit);
  const [across = '50%', down = '50%'] = position.split(' ');
  return {
    x: offset(across, box.width - width),
    y: offset(down, box.height - height),
    width,
    height,
  };
}

function fitted(box: Size, picture: Size, fit: string): Size {
  if (fit === 'fill') return box;
  const ratios = [box.width / picture.width, box.height / picture.height];
  const contained = Math.min(...ratios);
  const scale = {
    contain: contained,
    cover: Math.max(...ratios),
    none: 1,
    'scale-down': Math.min(1, contained),
  }[fit];
  return {
    width: picture.width * (scale ?? contained),
    height: picture.height * (scale ?? contained),
  };
}

/** A computed position is a percentage of the free space, or a length in px. */
function offset(position: string, free: number): number {
  const value = Number.parseFloat(position);
  if (Number.isNaN(value)) return free / 2;
  return position.endsWith('%') ? (value / 100) * free : value;
}

/**
 * The smallest box around a part of an element after its transform.
 * @param part - From the centre of the element, before the transform.
 * @param centre - Of the element, after the transform.
 */
export function transformed(part: Box, linear: Linear, centre: { x: number; y: number }): Box {
  const corners = [part.x, part.x + part.width].flatMap((x) =>
    [part.y, part.y + part.height].map((y) => ({
      x: centre.x + linear.a * x + linear.c * y,
      y: centre.y + linear.b * x + linear.d * y,
    })),
  );
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** What two boxes share; without an area if they share nothing. */
export function overlap(one: Box, other: Box): Box {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x),
    height: Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y),
  };
}
