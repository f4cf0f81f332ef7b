import { llm, log } from '@livekit/agents';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  compressContext,
  coverAllInput,
  googleVideoSink,
  prepareVideo,
  writeWithPictures,
} from '../../src/models/google.ts';

afterEach(() => void vi.restoreAllMocks());

/** The state of a socket that is open. */
const OPEN = 1;

/** A session of the plugin on an open connection, and its sink. */
function googleStage(model = 'gemini-2.5-flash') {
  const sent: object[] = [];
  const ws = { readyState: OPEN, bufferedAmount: 0 };
  const active = {
    sendRealtimeInput: (input: object) => void sent.push(input),
    conn: { ws } as { ws?: typeof ws } | undefined,
  };
  const session = {
    activeSession: active as typeof active | undefined,
    sessionShouldClose: { isSet: false },
    realtimeModel: { model },
    pendingInterruptText: false,
    hasPendingTool: false,
    shouldBlockRealtimeInputForPendingTools: () => session.hasPendingTool,
    markRestartNeeded: vi.fn(),
  };
  type Session = Parameters<typeof googleVideoSink>[0];
  const sink = googleVideoSink(session as unknown as Session);
  return { session, active, ws, sent, sink };
}

const IMAGE = {
  data: Buffer.from('picture'),
  mimeType: 'image/jpeg',
  width: 1,
  height: 1,
} as const;

describe('the connection of Gemini', () => {
  test('a picture is one message of Gemini with its bytes, and so is a note', () => {
    const { sink, sent } = googleStage();
    expect(sink.push(IMAGE)).toBe('sent');
    expect(sink.note('camera', 'The camera is off.', IMAGE)).toBe('sent');
    const video = { mimeType: 'image/jpeg', data: IMAGE.data.toString('base64') };
    expect(sent).toEqual([{ video }, { video }]);
  });

  test.each<[string, (at: ReturnType<typeof googleStage>) => void]>([
    ['not-connected', ({ session }) => (session.activeSession = undefined)],
    ['restarting', ({ session }) => (session.sessionShouldClose.isSet = true)],
    ['closed', ({ ws }) => (ws.readyState = 2)],
    ['tool-pending', ({ session }) => (session.hasPendingTool = true)],
  ])('a picture for Gemini that finds it %s is not sent', (result, happen) => {
    const at = googleStage();
    happen(at);
    expect(at.sink.push(IMAGE)).toBe(result);
    expect(at.sink.pushInTurn?.()).toBe(result);
    expect(at.sent).toEqual([]);
  });

  test('a version of the Google plugin without these members gets each picture', () => {
    const { sink, session, active } = googleStage();
    active.conn = undefined;
    Reflect.deleteProperty(session, 'shouldBlockRealtimeInputForPendingTools');
    expect(sink.push(IMAGE)).toBe('sent');
    expect(sink.connection()).toBe(active);
  });

  test('Gemini has a connection only while it is open and does not restart', () => {
    const { sink, session, active, ws } = googleStage();
    expect(sink.connection()).toBe(active);
    for (ws.readyState of [0, 2, 3]) expect(sink.connection()).toBeUndefined();
    ws.readyState = OPEN;
    session.sessionShouldClose.isSet = true;
    expect(sink.connection()).toBeUndefined();
    session.sessionShouldClose.isSet = false;
    session.activeSession = undefined;
    expect(sink.connection()).toBeUndefined();
  });

  test('a connection of Gemini is closed silently only if it is closed, and no restart is under way', () => {
    const { sink, session, ws } = googleStage();
    for (const [state, isSilent] of [
      [OPEN, false],
      [2, false],
      [3, true],
    ] as const) {
      ws.readyState = state;
      expect(sink.isSilentlyClosed()).toBe(isSilent);
    }
    session.sessionShouldClose.isSet = true;
    expect(sink.isSilentlyClosed()).toBe(false);
    session.sessionShouldClose.isSet = false;
    session.activeSession = undefined;
    expect(sink.isSilentlyClosed()).toBe(false);
    expect(sink.revive()).toBe(true);
    expect(session.markRestartNeeded).toHaveBeenCalledTimes(1);
  });

  test('only Gemini 2.5 takes a picture in a typed turn, and not if its text interrupts an answer', () => {
    const { sink, session } = googleStage();
    expect(sink.pushInTurn).toBeDefined();
    session.pendingInterruptText = true;
    expect(sink.pushInTurn).toBeUndefined();
    expect(googleStage('gemini-3.1-flash-live-preview').sink.pushInTurn).toBeUndefined();
  });
});

test('a typed turn of Gemini is written with its pictures, and kept without them', async () => {
  const context = new llm.ChatContext();
  context.addMessage({ role: 'user', content: 'Earlier.' });
  context.addMessage({ role: 'user', content: 'What is this?' });
  const session = { _chatCtx: undefined as llm.ChatContext | undefined };
  const picture = llm.createImageContent({ image: 'data:image/jpeg;base64,AA==' });
  const written: llm.ChatContext[] = [];
  let end = () => {};
  const done = writeWithPictures(
    session as unknown as llm.RealtimeSession,
    context,
    [picture],
    (shown) => {
      written.push(shown);
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  );
  // The plugin replaces its history when it writes.
  expect(session._chatCtx).toBeUndefined();
  end();
  await done;
  const contents = ({ items }: llm.ChatContext) =>
    items.map((item) => (item.type === 'message' ? item.content : undefined));
  expect(written.map(contents)).toEqual([[['Earlier.'], ['What is this?', picture]]]);
  expect(contents(context)).toEqual([['Earlier.'], ['What is this?']]);
  expect(session._chatCtx).not.toBe(context);
  expect(session._chatCtx && contents(session._chatCtx)).toEqual(contents(context));
});

test('what Sightline sets for Gemini 2.5 leaves the settings of the user as they are', () => {
  vi.spyOn(log(), 'info').mockImplementation(() => {});
  const prepared = (given: object) => {
    const options = {
      ...{ model: 'gemini-2.5-flash', contextWindowCompression: undefined },
      ...{ realtimeInputConfig: undefined, mediaResolution: undefined },
      ...given,
    };
    const model = { _options: options } as unknown as llm.RealtimeModel;
    prepareVideo(model);
    compressContext(model);
    return options;
  };
  const all = 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO';
  expect(prepared({ realtimeInputConfig: { activityHandling: 'NO_INTERRUPTION' } })).toMatchObject({
    realtimeInputConfig: { activityHandling: 'NO_INTERRUPTION', turnCoverage: all },
    ...{
      mediaResolution: 'MEDIA_RESOLUTION_MEDIUM',
      contextWindowCompression: { slidingWindow: {} },
    },
  });
  const own = {
    realtimeInputConfig: { turnCoverage: 'TURN_INCLUDES_ALL_INPUT' },
    ...{ mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    contextWindowCompression: { slidingWindow: { targetTokens: '9' } },
  };
  expect(prepared(own)).toMatchObject(own);
  expect(prepared({ model: 'gemini-3.1-flash-live-preview' }).mediaResolution).toBeUndefined();
});

test('a service that refuses the coverage of all video gets the older setting, once', () => {
  const coverage = { turnCoverage: 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO' };
  const options = { realtimeInputConfig: { ...coverage, activityHandling: 'NO_INTERRUPTION' } };
  expect(coverAllInput(options)).toBe(true);
  expect(options.realtimeInputConfig).toEqual({
    ...{ turnCoverage: 'TURN_INCLUDES_ALL_INPUT', activityHandling: 'NO_INTERRUPTION' },
  });
  expect(coverAllInput(options)).toBe(false);
  expect(coverAllInput({})).toBe(false);
});
