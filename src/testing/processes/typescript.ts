/** Options of Node.js for a TypeScript program of this repository. */
export const TYPESCRIPT = [
  '--import',
  new URL('../../../tools/typescript/register.mjs', import.meta.url).href,
] as const;
