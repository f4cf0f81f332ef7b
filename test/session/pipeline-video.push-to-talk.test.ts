import { readFileSync } from 'node:fs';
import { voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { WordsSTT } from '../../src/testing/push-to-talk/words-stt.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  nextItem,
  setStage,
  shownIn,
  userTurns,
} from '../support/loopback.ts';
import { TalkButton } from '../support/push-to-talk.ts';

const read = (path: string) => readFileSync(path, 'utf8');

const camera = fileCamera();
const buttons: TalkButton[] = [];
afterEach(async () => {
  await endStages();
  await Promise.all(buttons.splice(0).map((button) => button.close()));
});

const sessionOptions = (recognizer: WordsSTT, minDelay = 0) =>
  ({
    stt: recognizer,
    vad: null,
    turnHandling: { turnDetection: 'manual', endpointing: { minDelay } },
  }) as const;

const agent = (id: string) => new voice.Agent({ id, instructions: 'Say what you see.' });

function buttonOf(session: voice.AgentSession, recognizer: WordsSTT): TalkButton {
  const button = new TalkButton(session, recognizer);
  buttons.push(button);
  return button;
}

/**
 * An agent with a camera and a button.
 *
 * @param minDelay - Time for late words after a release, in ms.
 */
async function talkStage(minDelay?: number) {
  const recognizer = new WordsSTT();
  const session = sessionOptions(recognizer, minDelay);
  const stage = setStage(camera, { agent: agent('first'), session });
  const button = buttonOf(stage.session, recognizer);
  await stage.start();
  await stage.cameraOn();
  const { model, video } = stage;
  return { stage, button, recognizer, model, session: stage.session, video };
}

test('docs/turns.md has the methods of push-to-talk that these tests call', () => {
  const [, methods] =
    /const turnMethods = [^\n]*\n(.*?)\n\}\);/s.exec(
      read('src/testing/push-to-talk/turn-methods.ts'),
    ) ?? [];
  expect(read('docs/turns.md')).toContain(`const methods = {\n${methods}\n};`);
});

describe('push-to-talk', () => {
  test('the request has the picture that the camera shows when the button is released', async () => {
    const { stage, button, model, session } = await talkStage();
    await stage.show(3);
    await button.press();
    await button.say('What is it?');
    const { id } = await stage.show(7);
    const answered = nextItem(session, 'assistant');
    button.release();
    await answered;
    expect(model.requests.map(({ text }) => text)).toEqual(['What is it?']);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(await shownIn(model.last.pictures[0])).toMatchObject({ level: 7 });
  });

  test('words that are recognized after the release belong to the turn, with one picture', async () => {
    const { stage, button, recognizer, model, session, video } = await talkStage(200);
    const { id } = await stage.show(3);
    await button.press();
    await button.say('What is it,');
    const answered = nextItem(session, 'assistant');
    button.release();
    recognizer.finish('that thing?');
    await answered;
    expect(model.requests.map(({ text }) => text)).toEqual(['What is it, that thing?']);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(session.history.items)).toEqual([['What is it, that thing?', id]]);
    expect(video.metrics().turns).toMatchObject({ attached: 1, discarded: 0 });
  });

  test('a cancelled press makes no request, and the next turn has only its own picture', async () => {
    const { stage, button, model, session, video } = await talkStage();
    await stage.show(3);
    await button.press();
    await button.say('Never mind.');
    await button.cancel();
    expect(video.metrics().frames).toMatchObject({ pending: 1, held: 0, sent: 0 });
    const { id } = await stage.show(8);
    await button.press();
    await button.say('What is it?');
    const answered = nextItem(session, 'assistant');
    button.release();
    await answered;
    expect(model.requests.map(({ text }) => text)).toEqual(['What is it?']);
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(session.history.items)).toEqual([['What is it?', id]]);
    expect(video.metrics().turns).toMatchObject({ attached: 1, discarded: 0 });
    expect(video.metrics().frames).toMatchObject({ pending: 0, held: 0 });
  });

  test('a press during the answer begins a turn with a picture of its own', async () => {
    const { stage, button, model, session } = await talkStage();
    const answer = deferred<string>();
    model.replies.push(() => answer.promise);
    const first = await stage.show(3);
    await button.press();
    await button.say('What is it?');
    button.release();
    await model.asked(1);
    await button.press();
    const second = await stage.show(8);
    await button.say('And now?');
    const answered = nextItem(session, 'assistant');
    button.release();
    await model.asked(2);
    answer.resolve('Too late.');
    await answered;
    expect(model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [first.id],
      [second.id],
    ]);
    expect(model.last.text).toBe('And now?');
  });
});

describe('a hand-off while the button is held', () => {
  /** Speaks before and after the hand-off, releases, and asks again. @returns the model's requests. */
  async function heldOver(
    session: voice.AgentSession,
    button: TalkButton,
    show: (level: number) => Promise<unknown> = async () => {},
  ): Promise<void> {
    const second = agent('second');
    await show(3);
    await button.press();
    await button.say('Before.');
    session.updateAgent(second);
    await session.waitForIdle();
    await button.say('After.');
    await show(6);
    const answered = nextItem(session, 'assistant');
    button.release();
    await answered;
    await button.press();
    await button.say('Again.');
    await show(8);
    const again = nextItem(session, 'assistant');
    button.release();
    await again;
  }

  test('the turn has the same words as without Sightline, and the newest picture', async () => {
    const model = new RecordingLLM();
    const recognizer = new WordsSTT();
    const session = new voice.AgentSession({ llm: model, ...sessionOptions(recognizer) });
    const bare = buttonOf(session, recognizer);
    await session.start({ agent: agent('first') });
    await heldOver(session, bare);
    await session.close();

    const { stage, button, ...seeing } = await talkStage();
    await heldOver(seeing.session, button, (level) => stage.show(level));
    const words = ({ requests }: RecordingLLM) => requests.map(({ text }) => text);
    expect(words(seeing.model)).toEqual(words(model));
    expect(
      await Promise.all(seeing.model.requests.map(({ ownPictures }) => shownIn(ownPictures[0]))),
    ).toMatchObject([{ level: 6 }, { level: 8 }]);
    expect(seeing.model.requests.map(({ pictures }) => pictures.length)).toEqual([1, 1]);
  });
});
