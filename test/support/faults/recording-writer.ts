/**
 * Records a machine into the file in its argument. When the file cannot be written any more, it
 * reports that and continues for a while; a line on stdin ends it.
 */
import { once } from 'node:events';
import { createActor } from 'xstate';
import { createRecorder } from '../../../src/inspect/index.ts';
import { lamp } from '../inspect.ts';

const recorder = createRecorder(process.argv[2] ?? '');
const actor = createActor(lamp, { inspect: recorder.inspect }).start();
while (!recorder.failure) {
  actor.send({ type: 'press' });
  await new Promise(setImmediate);
}
for (let times = 0; times < 100; times++) actor.send({ type: 'press' });
console.log(`goes on: ${recorder.dropped} dropped`);
await once(process.stdin, 'data');
await recorder.close().catch((error: NodeJS.ErrnoException) => {
  console.log(`closed with ${error.code}`);
});
process.exit(0);
