import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localTurnDetector } from '../../offline/local-turn-detector.ts';
import { OfflineVoice } from '../../offline/offline-voice.ts';
import { ScriptedSTT } from '../../offline/scripted-stt.ts';
import { type Speech, speak } from '../../offline/speech.ts';
import { ScriptedSpeechInput } from '../../offline/speech-input.ts';
import { until } from '../../src/testing/waits.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import type { VideoWatchOptions } from '../../src/watch/watch-options.ts';
import { fileCamera } from '../support/camera.ts';
import { HeardOutput } from '../support/heard-output.ts';
import { endStages, nextItem, type Stage, setStage } from '../support/loopback.ts';

const QUESTION = 'Tell me what you see, please.';
const ANSWER = 'I see a grey wall and nothing else.';
const LINE = 'A visitor is at the door.';

const camera = fileCamera();
let question: Speech;
let showing: NodeJS.Timeout;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  question = await speak(QUESTION);
  showing = setInterval(() => camera.show(5), 50);
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await endStages();
});
afterAll(async () => {
  clearInterval(showing);
});

/** A user who speaks, and an agent with audible speech. */
async function conversation() {
  const stt = new ScriptedSTT();
  const stage = setStage(camera, {
    session: {
      stt,
      tts: new OfflineVoice(),
      turnHandling: { turnDetection: localTurnDetector() },
    },
  });
  const microphone = new ScriptedSpeechInput();
  const loudspeaker = new HeardOutput();
  stage.session.input.audio = microphone;
  stage.session.output.audio = loudspeaker;
  endings.push(() => microphone.close());
  await stage.start();
  await stage.cameraOn();
  stage.model.replies.push(...Array.from({ length: 5 }, () => ANSWER));
  let speaks = false;
  return {
    stage,
    loudspeaker,
    userSpeaks: () => speaks,
    /** The user asks something. Resolves with the last word of it. */
    ask: async () => {
      stt.expect(QUESTION);
      speaks = true;
      await microphone.say(question);
      speaks = false;
    },
  };
}

type Conversation = Awaited<ReturnType<typeof conversation>>;

/** A watch that always has something to say, and the wrong moments at which it spoke. */
function talkative(
  { stage, loudspeaker, userSpeaks }: Conversation,
  options: Partial<VideoWatchOptions<boolean>> = {},
) {
  const watch = new VideoWatch(stage.video, {
    everyMs: 50,
    decide: () => true,
    act: { say: LINE },
    coolDownMs: 100,
    session: stage.session,
    ...options,
  });
  endings.push(() => watch.stop());
  const wrong: string[] = [];
  watch.on('act.begun', () => {
    if (userSpeaks()) wrong.push('over the user');
    if (loudspeaker.sounds) wrong.push('over the agent');
    if (stage.session.agentState === 'thinking') wrong.push('before the answer');
  });
  return { watch, wrong };
}

/** What the agent said so far. */
const said = ({ session }: Stage) =>
  session.history.items.flatMap((item) =>
    item.type === 'message' && item.role === 'assistant' ? [item.textContent] : [],
  );

describe('in a conversation, a watch', () => {
  test('a watch waits for the end of a question and of its answer, then speaks and cools down', async () => {
    const talk = await conversation();
    const { watch, wrong } = talkative(talk, { coolDownMs: 1500 });
    const asked = talk.ask();
    await until('the user heard', () => talk.stage.session.userState === 'speaking');
    watch.start();
    await asked;
    const begun: number[] = [];
    const ended: number[] = [];
    watch.on('act.begun', () => begun.push(performance.now()));
    watch.on('act.done', () => ended.push(performance.now()));
    await until('two lines', () => ended.length >= 2);
    watch.stop();
    expect(said(talk.stage)).toEqual([ANSWER, LINE, LINE]);
    expect(wrong).toEqual([]);
    expect((begun[1] ?? 0) - (ended[0] ?? 0)).toBeGreaterThanOrEqual(1490);
  }, 60_000);

  test('a watch drops its words if its policy says so, and keeps to its budget', async () => {
    const talk = await conversation();
    const { watch, wrong } = talkative(talk, {
      floor: 'drop',
      budget: { looksPerMinute: 600, actsPerHour: 1 },
    });
    const dropped: string[] = [];
    watch.on('act.dropped', ({ reason }) => dropped.push(reason));
    const answered = nextItem(talk.stage.session, 'assistant');
    const asked = talk.ask();
    await until('the user heard', () => talk.stage.session.userState === 'speaking');
    watch.start();
    await asked;
    await answered;
    await until('a line', () => watch.metrics().acts >= 1);
    await until('the end of the budget', () => dropped.includes('budget'));
    watch.stop();
    expect(dropped[0]).toBe('floor');
    expect(said(talk.stage)).toEqual([ANSWER, LINE]);
    expect(wrong).toEqual([]);
  }, 60_000);

  test('a watch is silent at once when it is stopped', async () => {
    const talk = await conversation();
    const { watch } = talkative(talk, { act: { say: `${LINE} ${LINE} ${LINE}` } });
    watch.start();
    await until('speech', () => talk.loudspeaker.sounds);
    watch.stop();
    await until('silence', () => !talk.loudspeaker.sounds);
  }, 60_000);
});
