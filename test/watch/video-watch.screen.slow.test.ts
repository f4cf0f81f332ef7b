import { afterEach, expect, test } from 'vitest';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { within } from '../../src/testing/waits.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage } from '../support/loopback.ts';

const SIZE = { width: 640, height: 360 };
const screen = fileCamera({ source: 'screen', ...SIZE });
// The stream begins with the picture before the change, so nothing but the last frame is new.
screen.show(greyFrame(3, SIZE));
afterEach(endStages);

test('a watch looks at the last frame of a screen, even if it comes directly after another one', async () => {
  const stage = await liveStage(screen);
  const watch = new VideoWatch(stage.video, {
    onSceneChange: true,
    decide: ({ frame }) => frame.data[0] === greyFrame(8).data[0],
    act: 'event',
  });
  const event = (type: 'look.decided' | 'acted') =>
    within(type, new Promise<void>((resolve) => watch.on(type, () => resolve())));
  try {
    const first = event('look.decided');
    const acted = event('acted');
    watch.start();
    screen.show(greyFrame(3, SIZE));
    await first;
    screen.show(greyFrame(3, SIZE));
    screen.show(greyFrame(8, SIZE));
    await acted;
    expect(watch.metrics()).toMatchObject({ acts: 1 });
  } finally {
    watch.stop();
  }
});
