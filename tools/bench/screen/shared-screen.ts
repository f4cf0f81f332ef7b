import { voice } from '@livekit/agents';
import type { Size } from '../../../src/frames/geometry.ts';
import { createLookTool, type SeenFrame, VideoSession } from '../../../src/index.ts';
import { USER } from '../../../src/testing/identities.ts';
import { LoopbackRoom, RecordingLLM, TestCamera } from '../../../src/testing/index.ts';
import type { Screen } from './screens.ts';

/** Limit of a busy machine, in ms: no figure depends on time. */
const PATIENCE_MS = 60_000;

/** A user who shares a screen of one size with an agent that can look at it. */
export class SharedScreen {
  readonly video: VideoSession;
  readonly #session: voice.AgentSession;
  readonly #model = new RecordingLLM();
  readonly #camera: TestCamera;
  #lastId: number | undefined;

  private constructor({ width, height }: Size, tiles: number | undefined) {
    this.#camera = new TestCamera({ width, height, source: 'screen' });
    this.#session = new voice.AgentSession({ llm: this.#model });
    const room = new LoopbackRoom();
    room.join(USER);
    room.publish(USER, this.#camera.track, this.#camera.source);
    this.video = new VideoSession(this.#session, {
      room: room.asRoom(),
      input: { lookTimeoutMs: PATIENCE_MS, image: { screen: { tiles } } },
      turn: { attachBudgetMs: PATIENCE_MS },
    });
  }

  /** @param tiles - Most tiles of the screen. By default it is one picture. */
  static async open(size: Size, tiles?: number): Promise<SharedScreen> {
    const shared = new SharedScreen(size, tiles);
    const tools = [createLookTool(shared.video)];
    await shared.video.start({ agent: new voice.Agent({ instructions: 'Read.', tools }) });
    return shared;
  }

  /** Shows a screen, and asks about it. The frame, and what the model was shown of it. */
  async ask(
    screen: Screen,
  ): Promise<{ frame: SeenFrame; pictures: readonly [whole: Buffer, ...tiles: Buffer[]] }> {
    await this.#camera.show(screen.picture);
    const frame = await this.#newFrame();
    await this.#session.generateReply({ userInput: 'What is there?' }).waitForPlayout();
    const [whole, ...tiles] = this.#model.last.ownPictures.map(({ image }) =>
      Buffer.from(String(image).split(',')[1] ?? '', 'base64'),
    );
    if (!whole) throw new Error('the model got no picture of the screen');
    return { frame, pictures: [whole, ...tiles] };
  }

  /** A still screen answers a look with its last frame, which can be that of the screen before. */
  async #newFrame(): Promise<SeenFrame> {
    const endAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const frame = await this.video.look();
      if (frame.id !== this.#lastId) {
        this.#lastId = frame.id;
        return frame;
      }
      if (performance.now() > endAt) throw new Error('the frame of the screen did not arrive');
    }
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.#session.close();
    await this.#camera.close();
  }
}
