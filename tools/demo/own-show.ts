import type { OfflineEyes } from '../../offline/eyes/offline-eyes.ts';
import type { TestCamera } from '../../src/testing/camera/test-camera.ts';
import type { OwnCameras } from './own-input.ts';
import { type Audience, type Observer, type PlayOptions, play } from './play.ts';
import type { DemoResult } from './result.ts';
import type { Shown, Stage } from './stage.ts';

export interface OwnShowOptions extends PlayOptions {
  readonly cameras: OwnCameras;
  readonly asks: readonly string[];
  readonly eyes: OfflineEyes;
}

/** The user's own pictures through the whole chain: each source is shared, and each question asked. */
export function runOwnShow(
  stage: Stage,
  options: OwnShowOptions,
  audience: Audience,
  observer: Observer = {},
): Promise<DemoResult> {
  const { camera, screen } = options.cameras;
  return play(stage, options, audience, observer, async (conversation) => {
    if (camera) {
      audience.scene('The user turns the camera on');
      await conversation.see('camera', () => stage.share(shown(camera)));
      for (const question of options.asks) await conversation.type(question);
    }
    if (screen) {
      audience.scene('The user shares the screen');
      await conversation.see('screen', () => stage.share(shown(screen)));
      for (const question of options.asks) await conversation.type(question);
    }
  });
}

const shown = ({ track, source }: TestCamera): Shown => ({ track, trackSource: source });
