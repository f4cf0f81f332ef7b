/** A figure over time. */
export interface Point {
  /** Since the start. */
  readonly minutes: number;
  readonly value: number;
}

export interface Trend {
  /** Slope of the least squares line, per minute. */
  readonly slope: number;
  /** Rise of the line from the first point to the last one. */
  readonly rise: number;
}

/** The straight line that fits best; flat for fewer than two points. */
export function trendOf(points: readonly Point[]): Trend {
  const n = points.length;
  const meanOf = (key: keyof Point) => points.reduce((sum, point) => sum + point[key], 0) / n;
  const [minutes, value] = [meanOf('minutes'), meanOf('value')];
  let [together, squares] = [0, 0];
  for (const point of points) {
    together += (point.minutes - minutes) * (point.value - value);
    squares += (point.minutes - minutes) ** 2;
  }
  if (squares === 0) return { slope: 0, rise: 0 };
  const slope = together / squares;
  const span =
    Math.max(...points.map((p) => p.minutes)) - Math.min(...points.map((p) => p.minutes));
  return { slope, rise: slope * span };
}
