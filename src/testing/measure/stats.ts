/** The middle value; for an even count, the mean of the two in the middle. `NaN` for none. */
export function median(values: readonly number[]): number {
  return (quantile(values, 0.5, Math.floor) + quantile(values, 0.5, Math.ceil)) / 2;
}

/** The smallest value that this share of all values does not exceed. */
export function quantile(
  values: readonly number[],
  share: number,
  round: (index: number) => number = Math.ceil,
): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[round((sorted.length - 1) * share)] ?? Number.NaN;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rounded for JSON: more digits than needed, but no noise. */
export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
