import { readFile } from 'node:fs/promises';
import { llm, voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OptionError } from '../../src/index.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { looksLike } from '../../src/testing/pictures/likeness.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { endStages, liveStage } from '../support/loopback.ts';

const COFFEE = new URL('../../examples/testing/coffee.jpg', import.meta.url);

afterEach(endStages);

const ask = (...content: llm.ChatContent[]) => {
  const chatCtx = new llm.ChatContext();
  chatCtx.addMessage({ role: 'system', content: 'Be brief.' });
  chatCtx.addMessage({ role: 'user', content });
  return { chatCtx };
};

describe('a recorded picture', () => {
  test('a recorded picture of a camera has its size, source, owner, age and pixels', async () => {
    const camera = await TestCamera.fromImage(COFFEE);
    const stage = await liveStage(camera);
    const before = Date.now();
    await stage.video.look();
    await stage.session.run({ userInput: 'What is it?' }).wait();
    const [picture] = stage.model.last.pictures;
    expect(picture).toMatchObject({
      width: 480,
      height: 320,
      source: 'camera',
      identity: 'user',
      trackSid: stage.publication.sid,
      mimeType: 'image/jpeg',
    });
    expect(picture?.ageMs).toBeGreaterThanOrEqual(0);
    expect(picture?.ageMs).toBeLessThanOrEqual(Date.now() - before);
    expect(await looksLike(picture, COFFEE)).toBe(true);
    const pixels = await picture?.pixels();
    expect(pixels).toMatchObject({ width: 480, height: 320 });
    expect(pixels?.data).toHaveLength(480 * 320 * 3);
    await camera.close();
  });

  test('a recorded picture of the application has its bytes, and no source', async () => {
    const bytes = await readFile(COFFEE);
    const image = `data:image/jpeg;base64,${bytes.toString('base64')}`;
    const model = new RecordingLLM();
    await model.chat(ask('Look.', llm.createImageContent({ image }))).collect();
    const [picture] = model.last.pictures;
    expect(picture).toMatchObject({ width: 480, height: 320, source: undefined, ageMs: undefined });
    expect(picture?.data.equals(bytes)).toBe(true);
  });

  test('a recorded picture that is a link has an error with the remedy', async () => {
    const model = new RecordingLLM();
    const image = 'https://example.com/cup.jpg';
    await model.chat(ask(llm.createImageContent({ image }))).collect();
    const [picture] = model.last.pictures;
    expect(() => picture?.data).toThrow(/is a link/);
    await expect(picture?.pixels()).rejects.toThrow(/does not use the network/);
  });
});

describe('RecordingLLM', () => {
  test('RecordingLLM keeps messages unchanged: roles, words and tools', async () => {
    const model = new RecordingLLM();
    const weather = llm.tool({
      name: 'weather',
      description: 'The weather of a town.',
      parameters: z.object({ town: z.string() }),
      execute: async () => 'sun',
    });
    const asked = ask('Is it warm?', 'Here?');
    await model.chat({ ...asked, toolCtx: [weather] }).collect();
    asked.chatCtx.addMessage({ role: 'user', content: 'Never mind.' });
    expect(model.last).toMatchObject({ text: 'Is it warm?\nHere?', tools: ['weather'] });
    expect(model.last.messages.map(({ role, text }) => [role, text])).toEqual([
      ['system', 'Be brief.'],
      ['user', 'Is it warm?\nHere?'],
    ]);
  });

  test('RecordingLLM answers with texts, tool calls and functions, then with Yes', async () => {
    const model = new RecordingLLM();
    model.replies.push('No.', { call: 'weather', args: { town: 'Ulm' } }, ({ text }) => `${text}!`);
    const answers = [];
    for (let count = 0; count < 4; count++) answers.push(await model.chat(ask('Well')).collect());
    expect(answers.map(({ text }) => text)).toEqual(['No.', '', 'Well!', 'Yes.']);
    expect(answers[1]?.toolCalls[0]).toMatchObject({ name: 'weather', args: '{"town":"Ulm"}' });
  });

  test('RecordingLLM records another model, which answers under its own name', async () => {
    const inner = new RecordingLLM('gpt-4.1');
    inner.replies.push('I am the inner one.');
    const model = new RecordingLLM(inner);
    const session = new voice.AgentSession({ llm: model, vad: null });
    await session.start({ agent: new voice.Agent({ instructions: 'Be brief.' }) });
    const result = session.run({ userInput: 'Who are you?' });
    await result.wait();
    result.expect.nextEvent().isMessage({ role: 'assistant' });
    expect(model.requests).toHaveLength(1);
    expect(inner.last.text).toBe('Who are you?');
    expect([model.model, model.label(), model.provider]).toEqual([
      inner.model,
      inner.label(),
      inner.provider,
    ]);
    await session.close();
  });

  test('RecordingLLM without a request explains how to wait for one', () => {
    expect(() => new RecordingLLM().last).toThrow(/session\.run/);
  });

  test('RecordingLLM refuses a realtime model, and names the fakes', () => {
    const realtime = Object.create(llm.RealtimeModel.prototype) as llm.LLM;
    expect(() => new RecordingLLM(realtime)).toThrow(/FakeGeminiLive/);
  });

  test.each([
    [null, 'null'],
    [5, '5'],
    [{}, 'of type object'],
  ])('RecordingLLM refuses a value that is not a model: %j', (model, what) => {
    const make = () => new RecordingLLM(model as never);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`model is ${what}: pass a model to record, a name, or nothing`);
  });
});
