import { voice } from '@livekit/agents';
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

  private constructor({ width, height }: Pick<Screen, 'width' | 'height'>) {
    this.#camera = new TestCamera({ width, height, source: 'screen' });
    this.#session = new voice.AgentSession({ llm: this.#model });
    const room = new LoopbackRoom();
    room.join(USER);
    room.publish(USER, this.#camera.track, this.#camera.source);
    this.video = new VideoSession(this.#session, {
      room: room.asRoom(),
      input: { lookTimeoutMs: PATIENCE_MS },
      turn: { attachBudgetMs: PATIENCE_MS },
    });
  }

  static async open(size: Pick<Screen, 'width' | 'height'>): Promise<SharedScreen> {
    const shared = new SharedScreen(size);
    const tools = [createLookTool(shared.video)];
    await shared.video.start({ agent: new voice.Agent({ instructions: 'Read.', tools }) });
    return shared;
  }

  /** Shows a screen, and asks about it. The frame, and the picture that the model was shown. */
  async ask(screen: Screen): Promise<{ frame: SeenFrame; picture: Buffer }> {
    const looking = this.video.look();
    await this.#camera.show(screen.picture);
    const frame = await looking;
    await this.#session.generateReply({ userInput: 'What is there?' }).waitForPlayout();
    const { image } = this.#model.last.ownPictures[0] ?? {};
    if (typeof image !== 'string') throw new Error('the model got no picture of the screen');
    return { frame, picture: Buffer.from(image.slice(image.indexOf(',') + 1), 'base64') };
  }

  async close(): Promise<void> {
    await this.video.close();
    await this.#session.close();
    await this.#camera.close();
  }
}
