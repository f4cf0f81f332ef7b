import { voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { UnsupportedModelError } from '../src/index.ts';
import { RecordingLLM } from '../src/testing/recording-llm.ts';
import { VoiceOnlyRealtime } from '../src/testing/story/voice-only-realtime.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  expectClosed,
  frameIdOf,
  liveStage,
  nextEvent,
  rejection,
  type StageOptions,
  setStage,
} from './support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

describe('a model that takes no pictures', () => {
  const CASES: [what: string, StageOptions, model: string, message: string][] = [
    [
      'no model',
      { make: () => new voice.AgentSession() },
      'an agent without an llm',
      'an agent without an llm cannot see: pass `llm` to the AgentSession or to the agent',
    ],
    [
      'a model that takes text only',
      { model: new RecordingLLM('gpt-3.5-turbo') },
      'test.RecordingLLM (gpt-3.5-turbo)',
      'test.RecordingLLM (gpt-3.5-turbo) cannot see: it takes text only: choose a model with ' +
        'image input, or set input.describe',
    ],
    [
      "an agent's own model that takes text only",
      { agent: new voice.Agent({ instructions: '', llm: new RecordingLLM('o1-mini') }) },
      'test.RecordingLLM (o1-mini)',
      'test.RecordingLLM (o1-mini) cannot see: it takes text only: choose a model with image ' +
        'input, or set input.describe',
    ],
  ];

  test.each(CASES)(
    'start refuses %s by name, and starts nothing',
    async (_, options, model, message) => {
      const { video, room, session, agent: refused } = setStage(camera, options);
      const error = await rejection(video.start({ agent: refused }));
      expect(error).toBeInstanceOf(UnsupportedModelError);
      expect(error).toMatchObject({ code: 'unsupported-model', model, message });
      expect(room.eventNames()).toEqual([]);
      expect(Object.keys(video.actor.getSnapshot().children)).toEqual([]);
      expect(session._started).toBe(false);
      expect(Object.hasOwn(refused, 'llmNode')).toBe(false);
    },
  );

  test('start refuses a realtime model without video when its session is created', async () => {
    const model = new VoiceOnlyRealtime();
    const { video, room, session, agent } = setStage(camera, { session: { llm: model } });
    const error = await rejection(video.start({ agent }));
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect(error).toMatchObject({
      model: 'the realtime model test.VoiceOnlyRealtime',
      message: expect.stringMatching(/^the realtime model test\.VoiceOnlyRealtime cannot see: .+/),
    });
    expectClosed(video, room);
    expect(session._started).toBe(false);
    expect(model.last?.closed).toBe(true);
    expect(Object.hasOwn(model, 'session')).toBe(false);
  });

  test('a hand-off to a realtime model without video is reported with the reason, and goes on', async () => {
    const stage = await liveStage(camera);
    const blind = nextEvent(stage.video, 'model.blind');
    const llm = new VoiceOnlyRealtime();
    stage.session.updateAgent(new voice.Agent({ instructions: 'Talk.', llm }));
    expect((await blind).reason).toMatch(/test\.VoiceOnlyRealtime cannot see/);
    expect(stage.video.actor.getSnapshot().hasTag('ready')).toBe(true);
  });

  test('start can be called again after a model without pictures was replaced', async () => {
    const stage = setStage(camera, { make: () => new voice.AgentSession() });
    await rejection(stage.start());
    const seeing = new voice.Agent({ instructions: 'Look.', llm: stage.model });
    await stage.video.start({ agent: seeing });
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });
});
