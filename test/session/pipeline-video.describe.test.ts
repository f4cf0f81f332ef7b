import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import sharp, { type SharpOptions } from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { describePictures, OptionError, UnsupportedModelError } from '../../src/index.ts';
import type { VideoInputOptions } from '../../src/session/options.ts';
import { USER } from '../../src/testing/identities.ts';
import { RecordingLLM, type Responder } from '../../src/testing/recording-llm.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, rejection, setStage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
const screen = fileCamera();
afterEach(endStages);

/** A conversation with a model that takes text only, and a describer with set answers. */
async function describedStage(
  {
    sources,
    ...options
  }: { timeoutMs?: number; cacheMs?: number } & Pick<VideoInputOptions, 'sources'> = {},
  ...descriptions: (string | Responder)[]
) {
  const eyes = new RecordingLLM('gpt-4o');
  eyes.replies.push(...descriptions);
  const model = new RecordingLLM('gpt-3.5-turbo');
  const describe = describePictures({ llm: eyes, timeoutMs: 20_000, ...options });
  const stage = await liveStage(camera, {
    model,
    video: { input: { describe, ...(sources ? { sources } : {}) } },
  });
  return { stage, eyes, model };
}

/** A stage whose camera shows level 3 and whose screen shows level 8, both described by this. */
async function cameraAndScreen(describePicture: Responder) {
  const described = await describedStage(
    { sources: ['camera', 'screen'] },
    describePicture,
    describePicture,
  );
  const { stage } = described;
  stage.room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
  const showing = setInterval(() => screen.show(8), 20);
  await stage.video.look('screen');
  clearInterval(showing);
  await stage.show(3);
  return described;
}

describe('an agent whose model takes text only, with describePictures', () => {
  test('a text-only model gets words about the newest frame in its request, and no picture', async () => {
    const { stage, eyes, model } = await describedStage({}, 'A red cup.');
    await stage.show(6);
    const outcomes: string[] = [];
    stage.video.on('turn.ready', ({ outcome }) => outcomes.push(outcome));
    await stage.type('What do I hold?');
    expect(outcomes).toEqual(['attached']);
    expect(eyes.requests).toHaveLength(1);
    expect(eyes.last.text).toContain('What do I hold?');
    expect(await shownIn(eyes.last.ownPictures[0])).toMatchObject({ level: 6 });
    expect(model.last.pictures).toEqual([]);
    expect(model.last.text).toContain('What do I hold?');
    expect(model.last.text).toMatch(/What the camera shows at \d\d:\d\d:\d\d UTC: A red cup\./);
  });

  test('a text-only model has the frame described once while the scene stays the same, and again after a change', async () => {
    const { stage, eyes, model } = await describedStage({}, 'Dark.', 'Bright.');
    await stage.show(2);
    await stage.type('What is there?');
    await stage.show(2);
    await stage.type('And now?');
    expect(eyes.requests).toHaveLength(1);
    expect(model.last.text).toContain('UTC: Dark.');
    await stage.show(9);
    await stage.type('And now?');
    expect(eyes.requests).toHaveLength(2);
    expect(model.last.text).toContain('UTC: Bright.');
  });

  test('a text-only model gets no words about the camera for a screen that looks the same', async () => {
    const { stage, eyes, model } = await describedStage({}, 'A wall.', 'A blank page.');
    await stage.show(2);
    await stage.type('What is there?');
    stage.room.publish(USER, screen.track, TrackSource.SOURCE_SCREENSHARE);
    const showing = setInterval(() => screen.show(2), 20);
    await stage.video.look('screen');
    await stage.type('And now?');
    clearInterval(showing);
    expect(eyes.requests).toHaveLength(2);
    expect(model.last.text).toContain('UTC: A blank page.');
  });

  test('a text-only model has each frame described with cacheMs: 0', async () => {
    const { stage, eyes } = await describedStage({ cacheMs: 0 }, 'One.', 'Two.');
    for (const question of ['What is there?', 'And now?']) {
      await stage.show(2);
      await stage.type(question);
    }
    expect(eyes.requests).toHaveLength(2);
  });

  test('a turn of a text-only model has no description if it is too slow, which is reported once', async () => {
    const never: Responder = () => new Promise(() => {});
    const { stage, model } = await describedStage({ timeoutMs: 50 }, never, never);
    const errors: string[] = [];
    stage.video.on('error', ({ cause, message }) => errors.push(`${cause}: ${message}`));
    const outcomes: string[] = [];
    stage.video.on('turn.ready', ({ outcome }) => outcomes.push(outcome));
    await stage.show(4);
    await stage.type('What is there?');
    expect(model.last.text).toBe('What is there?');
    expect(outcomes).toEqual(['not-described']);
    expect(errors).toEqual(['describe: no description within 50 ms']);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 0, 'not-described': 1 });
    expect(stage.video.metrics().frames).toMatchObject({ sent: 0, held: 0 });
  });

  test('a text-only model has the frame described again after a change of color alone', async () => {
    const { stage, eyes, model } = await describedStage({}, 'Red.', 'Green.');
    const shown = async (r: number, g: number, b: number, question: string) => {
      const picture = { create: { width: 64, height: 48, channels: 3, background: { r, g, b } } };
      const png = await sharp(picture as SharpOptions)
        .png()
        .toBuffer();
      const looked = stage.video.look();
      await camera.show(png);
      await looked;
      await stage.type(question);
    };
    // Of the same luma.
    await shown(200, 0, 0, 'Which color is the lamp?');
    await shown(0, 102, 0, 'And now?');
    expect(eyes.requests).toHaveLength(2);
    expect(model.last.text).toContain('UTC: Green.');
  });

  test.each(['interrupted', 'replaced'])(
    'a turn of a text-only model that is %s ends its description',
    async (how) => {
      let asked = () => {};
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const never: Responder = () => {
        asked();
        return new Promise(() => {});
      };
      const { stage, eyes } = await describedStage({}, never, 'A cup.');
      await stage.show(4);
      if (how === 'interrupted') {
        const speech = stage.session.generateReply({ userInput: 'What is there?' });
        await isAsked;
        speech.interrupt();
      } else {
        stage.hearMaybe('What');
        await isAsked;
        await stage.hear('What is it?');
      }
      await until('the end', () => eyes.listenerCount('error') === 0);
      expect(stage.video.metrics().turns['not-described']).toBe(0);
    },
  );

  test('a text-only model gets no words about a picture that was withdrawn during the description', async () => {
    let offWhileAsked = () => {};
    const { stage, model } = await describedStage({}, () => {
      offWhileAsked();
      return 'A secret.';
    });
    offWhileAsked = () => stage.video.setMode('off');
    await stage.show(4);
    await stage.type('What is there?');
    expect(model.requests).toHaveLength(1);
    expect(JSON.stringify(model.last.messages)).not.toContain('A secret.');
  });

  test('a text-only model gets no words about a camera that was muted while the screen was described', async () => {
    let muteCamera = () => {};
    let screenIsAsked = () => {};
    const cameraFirst = new Promise<void>((resolve) => {
      screenIsAsked = resolve;
    });
    const describePicture: Responder = async ({ ownPictures }) => {
      if ((await shownIn(ownPictures[0])).level === 3) {
        screenIsAsked();
        return 'A secret.';
      }
      await cameraFirst;
      await nextEventLoopTurn();
      muteCamera();
      return 'A table.';
    };
    const { stage, model } = await cameraAndScreen(describePicture);
    muteCamera = () => stage.room.mute(stage.publication);
    await stage.type('What is there?');
    expect(model.last.text).toContain('UTC: A table.');
    expect(model.last.text).not.toContain('A secret.');
  });

  test('a text-only model gets the words about the screen if the description of the camera fails', async () => {
    const describePicture: Responder = async ({ ownPictures }) => {
      if ((await shownIn(ownPictures[0])).level === 3) throw new Error('no such model');
      return 'A table.';
    };
    const { stage, model } = await cameraAndScreen(describePicture);
    await stage.type('What is there?');
    expect(model.last.text).toContain('screen shows');
    expect(model.last.text).toContain('UTC: A table.');
    expect(model.last.text).not.toContain('camera shows');
  });

  test('a text-only model leaves no description under way when the session closes', async () => {
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { stage, eyes } = await describedStage({}, () => {
      asked();
      return new Promise(() => {});
    });
    const errors: string[] = [];
    stage.video.on('error', ({ cause }) => errors.push(cause));
    await stage.show(4);
    const typed = stage.type('What is there?').catch(() => {});
    await isAsked;
    await stage.video.close();
    await typed;
    expect(eyes.listenerCount('error')).toBe(0);
    expect(errors).not.toContain('describe');
  });

  test('a text-only model gets the pictures of an earlier agent as text', async () => {
    const { stage, model } = await describedStage({}, 'A cup.');
    const seeing = new RecordingLLM('gpt-4o');
    stage.session.updateAgent(new voice.Agent({ instructions: 'See.', llm: seeing }));
    await stage.show(3);
    await stage.type('What is there?');
    expect(seeing.last.pictures).toHaveLength(1);
    stage.session.updateAgent(new voice.Agent({ instructions: 'Read.', llm: model }));
    await stage.show(8);
    await stage.type('And now?');
    expect(model.last.pictures).toEqual([]);
    expect(model.last.text).toContain('UTC: A cup.');
  });
});

test('a model that takes pictures gets them, and nothing is described', async () => {
  const eyes = new RecordingLLM('gpt-4o');
  const video = { input: { describe: describePictures({ llm: eyes }) } };
  const stage = await liveStage(camera, { video });
  await stage.show(5);
  await stage.type('What is there?');
  expect(stage.model.last.pictures).toHaveLength(1);
  expect(eyes.requests).toEqual([]);
});

test('a model that takes text only is refused without input.describe, which the error names', async () => {
  const stage = setStage(camera, { model: new RecordingLLM('gpt-3.5-turbo') });
  const error = await rejection(stage.start());
  expect(error).toBeInstanceOf(UnsupportedModelError);
  expect(String(error)).toContain('input.describe');
});

test('describePictures refuses a model without eyes, and options of another kind', () => {
  const blind = new RecordingLLM('gpt-3.5-turbo');
  expect(() => describePictures({ llm: blind })).toThrow(OptionError);
  expect(() => describePictures({ llm: new RecordingLLM(), timeoutMs: 0 })).toThrow(
    'describePictures.timeoutMs',
  );
  // @ts-expect-error: what JavaScript may pass
  expect(() => setStage(camera, { video: { input: { describe: blind } } })).toThrow(
    'use describePictures({ llm })',
  );
});
