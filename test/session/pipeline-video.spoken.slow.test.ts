import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { localTurnDetector } from '../../offline/local-turn-detector.ts';
import { OfflineReader } from '../../offline/reader.ts';
import { ScriptedSTT } from '../../offline/scripted-stt.ts';
import { type Speech, speak } from '../../offline/speech.ts';
import { ScriptedSpeechInput } from '../../offline/speech-input.ts';
import { VideoSession } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { nextItem } from '../support/loopback.ts';

const SENTENCE = 'Read the sheet to me, please.';
const reader = new OfflineReader();
const microphone = new ScriptedSpeechInput();
const camera = new SyntheticCamera({
  name: 'camera',
  source: 'camera',
  width: 640,
  height: 360,
  fps: 15,
  text: 'ZEBRA 9035',
});
let speech: Speech;
let video: VideoSession | undefined;

beforeAll(async () => {
  reader.prewarm();
  speech = await speak(SENTENCE);
  await camera.start();
});
afterEach(() => video?.close());
afterAll(() => Promise.all([microphone.close(), camera.stop(), reader.aclose()]));

test('a model that reads pictures reads the camera in a turn with real speech', async () => {
  const session = new voice.AgentSession({
    llm: reader,
    stt: new ScriptedSTT([SENTENCE]),
    turnHandling: { turnDetection: localTurnDetector() },
  });
  session.input.audio = microphone;
  const room = new LoopbackRoom();
  // A busy machine must not make a picture late.
  video = new VideoSession(session, { room, turn: { attachBudgetMs: 2000 } });
  await video.start({ agent: new voice.Agent({ instructions: 'Say what you see.' }) });
  room.join('user');
  room.publish('user', camera.track, TrackSource.SOURCE_CAMERA);
  await video.look();

  const typed = nextItem(session, 'assistant');
  session.generateReply({ userInput: 'What do you see?' });
  expect((await typed).textContent).toBe('I see: ZEBRA 9035');

  await camera.setText('OTTER 3826');
  await video.look();
  const spoken = nextItem(session, 'assistant');
  await microphone.say(speech);
  expect((await spoken).textContent).toBe('I see: OTTER 3826');
  expect(reader.requests.map(({ userText, images }) => [userText, images])).toEqual([
    ['What do you see?', 1],
    [SENTENCE, 1],
  ]);
  expect(video.metrics().turns).toMatchObject({ attached: 2, discarded: 0 });
}, 60_000);
