import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** What a user can import, by entry point. A name that is added here must be worth its place. */
const EXPORTS: Readonly<Record<string, string>> = {
  index: `
    AudioReceiver AvatarError AvatarFormat AvatarRunner AvatarSessionLike
    DataStreamAudioReceiver Drawing DuplicateFrameworkError EncodeError EncodeOptions EncodedImage
    LocalAvatar LookError LookOptions OptionError OutputError OutputPicture PointError ProcessorError Region Sampler SamplingMode SeenFrame SessionStateError
    SightlineError SourceSelector SpeechItem StartTimeoutError UnsupportedModelError
    VideoEvent VideoGenerator VideoMetrics VideoOutput VideoProcessor VideoRoom VideoSession VideoSessionOptions
    VideoStartOptions VideoWatch VideoWatchOptions WatchDetector WatchError adaptiveSampler annotate caption
    createLookTool createPointTool crop describePictures encodeFrame everyFrame fixedRate mask onChange realtimeVideoSink resizedGeometry
    toDataUrl toImageContent voiceActivitySampler
  `,
  'machines/index': `
    AvatarInput AvatarReport FrameSamplingInput FrameSamplingReport IdlePauseInput
    IdlePauseReport LookInput LookReport ModelLinkInput ModelLinkReport SessionInput
    SessionReport SourceInput SourceReport StartupInput StartupReport startupMachine StreamReplacementInput StreamReplacementReport
    TrackDiscoveryInput TrackDiscoveryReport TurnCompletionInput TurnCompletionReport
    TurnMotionInput TurnMotionReport WatchInput WatchReport avatarMachine frameSamplingMachine
    idlePauseMachine lookMachine modelLinkMachine sessionMachine sourceMachine
    streamReplacementMachine trackDiscoveryMachine turnCompletionMachine turnMotionMachine
    watchMachine
  `,
  'inspect/index': `
    Inspector InspectorOptions InspectorServer Recorder
    createInspector createRecorder readRecording startInspector
  `,
  'client/index': `
    ParticipantLike PointMessage PointerOverlay VideoMode findAgent findAvatarWorker setVideoMode videoMode
  `,
  'testing/index': `
    Ears FakeGeminiLive FakeOpenAIRealtime LoopbackRoom RecordingLLM TestAvatar TestCamera
    TestingError USER assertLooksLike assertShows assertShowsText greyLevel judgePicture
    likeness looksLike runStory stair stairSpeech stairSteps startLiveKitServer story textIn until
  `,
};

/** The names that a file exports. Entry points list each name, so none is exported by accident. */
function namesOf(entry: string): string[] {
  const text = readFileSync(new URL(`../src/${entry}.ts`, import.meta.url), 'utf8');
  const { statements } = ts.createSourceFile(entry, text, ts.ScriptTarget.Latest, true);
  const names = statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (!exportClause || !ts.isNamedExports(exportClause))
        throw new Error(`${entry}: ${statement.getText()}`);
      return exportClause.elements.map(({ name }) => name.text);
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    const { name } = statement as ts.DeclarationStatement;
    if (!name) throw new Error(`${entry}: ${statement.getText()}`);
    return [name.getText()];
  });
  return [...new Set(names)].sort();
}

test.each(Object.entries(EXPORTS))('%s exports the listed names and no others', (entry, names) => {
  expect(namesOf(entry)).toEqual(names.trim().split(/\s+/).sort());
});

test('the library exports fewer than 120 names, and the testing kit fewer than 30 more', () => {
  const { exports } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { exports: Record<string, { default: string }> };
  const entries = Object.values(exports).map((entry) =>
    entry.default.replace(/^\.\/dist\/(.*)\.js$/, '$1'),
  );
  expect(Object.keys(EXPORTS).sort()).toEqual(entries.sort());
  const library = Object.keys(EXPORTS).filter((entry) => entry !== 'testing/index');
  expect(library.flatMap(namesOf).length).toBeLessThan(120);
  expect(namesOf('testing/index').length).toBeLessThan(30);
});
