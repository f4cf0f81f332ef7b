import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { type Audience, type Observer, type PlayOptions, play } from './play.ts';
import type { DemoResult } from './result.ts';
import type { Stage } from './stage.ts';

const ASK = 'What can you see?';
/** Sounds like the end of a turn; for other questions the framework waits longer. */
const ASK_ALOUD = 'Read it to me, please.';

export interface ShowOptions extends PlayOptions {
  readonly texts: readonly string[];
}

/** The main use once: an agent that sees a camera, then a screen, while both come and go. */
export async function runShow(
  stage: Stage,
  options: ShowOptions,
  audience: Audience,
  observer: Observer = {},
): Promise<DemoResult> {
  const { texts } = options;
  const textOf = (scene: number) => texts[scene % texts.length] ?? '';
  const camera = new SyntheticCamera({
    name: 'camera',
    source: 'camera',
    width: 1280,
    height: 720,
    fps: 15,
    text: textOf(0),
  });
  const screen = new SyntheticCamera({
    name: 'screen',
    source: 'screen',
    width: 1280,
    height: 720,
    fps: 15,
    text: textOf(1),
  });

  try {
    return await play(
      stage,
      options,
      audience,
      observer,
      async (conversation) => {
        audience.scene('The user turns the camera on');
        await conversation.see('camera', () => stage.share(camera));
        await conversation.type(ASK, camera.text);
        await conversation.say(ASK_ALOUD, camera.text);

        audience.scene('The user shares the screen as well: the newest wins');
        let shared = { mute: () => {}, unmute: () => {} };
        await conversation.see('screen', async () => {
          shared = await stage.share(screen);
        });
        await conversation.type(ASK, screen.text);

        audience.scene('The screen share pauses: back to the camera');
        await conversation.see('camera', () => shared.mute());
        await conversation.type(ASK, camera.text);

        audience.scene('The screen share goes on');
        await conversation.see('screen', () => shared.unmute());
        await conversation.say(ASK_ALOUD, screen.text);
      },
      async (conversation) => {
        await conversation.rehearse(ASK_ALOUD);
        await Promise.all([camera.start(), screen.start()]);
      },
    );
  } finally {
    await Promise.all([camera.stop(), screen.stop()]);
  }
}
