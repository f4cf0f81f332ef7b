/**
 * An agent whose parts all fail with messages that contain secrets, in a separate process. Its log
 * is its output. Takes the inspector's address and a file for a recording.
 */
import '../../../src/testing/processes/quiet.ts';
import { inspect } from 'node:util';
import { initializeLogger } from '@livekit/agents';
import { AvatarError, EncodeError, OptionError, VideoSession } from '../../../src/index.ts';
import { createInspector, createRecorder } from '../../../src/inspect/index.ts';
import { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { liveStage } from '../loopback.ts';
import { OPTION_KEY, TELLTALE } from './planted.ts';

initializeLogger({ pretty: false, level: 'debug' });
const [url = '', file = ''] = process.argv.slice(2);
const fail = (): never => {
  throw new Error(TELLTALE, { cause: new Error(TELLTALE) });
};

const recorder = createRecorder(file, 'telltale');
const inspector = createInspector({ url, name: 'telltale', metricsEveryMs: 50 });
await inspector.connected;
const camera = new TestCamera();
const stage = await liveStage(camera, {
  video: {
    inspect: (event) => {
      recorder.inspect(event);
      inspector.inspect(event);
    },
  },
});
const { video } = stage;
recorder.metrics(() => video.metrics());
inspector.metrics(() => video.metrics());
video.on('error', (event) => console.log('event', event));
video.on('pick.changed', fail);
video.on('turn.ready', fail);
await stage.show(4);
await stage.type('What is it?');
// The error that a machine gets when a step of the start fails.
video.actor.send({ type: 'sampler.failed', error: TELLTALE } as never);
video.setMode('off');
video.setMode('sampled');
console.log('metrics', video.metrics());

const cause = new Error(TELLTALE);
const errors = [
  new AvatarError('exited', TELLTALE, { cause }),
  new EncodeError(TELLTALE, { cause }),
  new OptionError('avatar', { apiKey: OPTION_KEY }, `use another than ${TELLTALE}`),
  caught(() => createInspector({ url: `http://127.0.0.1:4747/PlantedInspectorToken012/agent` })),
  caught(() => new VideoSession(stage.session, { apiKey: OPTION_KEY } as never)),
];
for (const error of errors) console.log(error, String(error), inspect(error, { depth: 9 }));
await video.close();
await inspector.close();
await recorder.close();
console.log('done');
process.exit(0);

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
