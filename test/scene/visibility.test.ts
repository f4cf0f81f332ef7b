import { expect, test } from 'vitest';
import { shrinkLuma } from '../../src/frames/luma.ts';
import { SCENE_SIZE } from '../../src/scene/scene-change.ts';
import { VisibilityWatch } from '../../src/scene/visibility.ts';
import { GeneratedVideo } from '../../src/testing/generated-video.ts';

test('a visibility lasts from the last picture that had another one', () => {
  const picture = (video: GeneratedVideo, at: number) =>
    shrinkLuma(video.at(at), SCENE_SIZE.width, SCENE_SIZE.height);
  const clear = new GeneratedVideo();
  const whole = { left: 0, top: 0, width: 1, height: 1, ink: [30, 30] as const };
  const covered = new GeneratedVideo({ patches: () => [whole] });
  const watch = new VisibilityWatch();
  expect(watch.see(picture(clear, 0), 0)).toBe('clear');
  expect(watch.see(picture(covered, 900), 900)).toBe('clear');
  // The camera may have been covered just after the first picture.
  expect(watch.see(picture(covered, 1000), 1000)).toBe('covered');
});
