/**
 * A positive number from the environment.
 * @throws Error that names the variable, its value and the remedy.
 */
export function numberFrom(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!(value > 0))
    throw new Error(`${name} is "${text}": give a number above 0, or leave it out (${otherwise})`);
  return value;
}
