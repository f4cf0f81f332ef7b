// `node --import ./tools/typescript/register.mjs FILE.ts` runs a program of this repository. tsx does
// it too, but takes each file of each package through its transformation: on Node.js 20, a program
// that loads the framework starts in 4 s of a processor's time with it, and in 2.8 s with this.
import module from 'node:module';

process.setSourceMapsEnabled(true);
// In the thread of the program itself, where Node.js can do so (22.15).
if (module.registerHooks) module.registerHooks(await import('./load.mjs'));
else module.register('./load.mjs', import.meta.url);
