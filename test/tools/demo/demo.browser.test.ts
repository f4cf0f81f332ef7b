import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { randomText } from '../../../src/testing/rooms.ts';
import { within } from '../../../src/testing/waits.ts';
import { demoOptions, USAGE } from '../../../tools/demo/options.ts';
import type { runShow } from '../../../tools/demo/show.ts';
import { launchBrowser } from '../../support/browser.ts';
import { describeWithBrowser, describeWithServerInstalled } from '../../support/real-parts.ts';
import { found, PLANTED } from '../../support/security/planted.ts';

const SLOW = 300_000;
const REPORT = new URL('../../../demo-report/index.html', import.meta.url);

afterEach(endChildren);

/** A machine on which no LiveKit server is installed. */
const NO_SERVER = {
  ...{ LIVEKIT_URL: undefined, GOPATH: undefined, GOBIN: undefined },
  ...{ HOME: '/nowhere', PATH: dirname(process.execPath) },
};

/** The run of the demo without a server: once, started by the first test that needs it. */
let loopback: Promise<Run> | undefined;
const loopbackRun = () => {
  loopback ??= runDemo();
  return loopback;
};

describe('the demo', () => {
  test(
    'the demo answers every question from what is shown',
    async () => {
      const run = await loopbackRun();
      expectRightTurns(run);
      expectStory(run.result);
      expectTransitions(run.result);
      // Valid from here to the end of the run.
      const { switches, metrics } = run.result;
      expect(switches.map(({ from, reason }) => [from, reason])).toMatchObject([
        ['none', 'subscribed'],
        ['camera', 'subscribed'],
        ['screen', 'muted'],
        ['camera', 'unmuted'],
      ]);
      expect(metrics).toMatchObject({ errors: {} });
    },
    SLOW,
  );

  test(
    'the demo writes a report of its run',
    async () => {
      const { startedAt, result, camera, screen } = await loopbackRun();
      const page = await readFile(REPORT, 'utf8');
      expect((await stat(REPORT)).mtimeMs).toBeGreaterThanOrEqual(startedAt);
      expect(page).toContain(camera);
      expect(page).toContain(screen);
      expect(page.split('src="data:image/jpeg;base64,').length - 1).toBe(result.turns.length);
    },
    SLOW,
  );

  test(
    'the demo writes no key of its environment into its lines, figures, recording or report',
    async () => {
      const { written } = await loopbackRun();
      expect(written).toHaveLength(4);
      for (const text of written) expect(found(text)).toEqual([]);
    },
    SLOW,
  );

  test(
    'the demo first says what it shows, prints no transitions without --verbose, and fits 80 columns',
    async () => {
      const [output = ''] = (await loopbackRun()).written;
      const lines = output.trim().split('\n');
      expect(lines[0]).toMatch(/0\.\d\d {2}An agent watches a camera, then a screen/);
      expect(output).not.toMatch(/turn\.requested|streamStatus/);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    },
    SLOW,
  );

  test(
    'the demo uses one clock in its lines and its figures',
    async () => {
      const { written, result } = await loopbackRun();
      const shown = [...(written[0] ?? '').matchAll(/^ *([\d.]+) {4}user \(/gm)].map(([, at]) =>
        Number(at),
      );
      expect(shown).toHaveLength(result.turns.length);
      // A line is printed when its turn is answered; the figure is the turn's beginning.
      for (const [index, turn] of result.turns.entries()) {
        expect(turn.atMs).toBeLessThanOrEqual((shown[index] ?? 0) * 1000 + 10);
        const before = index > 0 ? shown[index - 1] : 0;
        expect(turn.atMs).toBeGreaterThanOrEqual((before ?? 0) * 1000 - 10);
      }
    },
    SLOW,
  );

  test.each([
    [
      ['--json', '/nowhere/figures.json'],
      {},
      '--json /nowhere/figures.json: it cannot be written (ENOENT: no such file',
    ],
    [
      ['--record', '/nowhere/run.jsonl'],
      {},
      '--record /nowhere/run.jsonl: it cannot be written (ENOENT: no such file',
    ],
    [['--record', '/dev/null'], {}, '--record /dev/null: it cannot be written (it is no file)'],
    [
      ['--livekit'],
      { LIVEKIT_URL: 'ws://127.0.0.1:9', LIVEKIT_API_KEY: undefined },
      'LIVEKIT_URL is set without LIVEKIT_API_KEY or LIVEKIT_API_SECRET: set them too',
    ],
    [
      ['--web'],
      { LIVEKIT_URL: 'ws://127.0.0.1:9', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's' },
      'no LiveKit server answers at ws://127.0.0.1:9 (bad port): start the server, or correct LIVEKIT_URL',
    ],
    [['--avatar'], NO_SERVER, '--avatar needs a LiveKit server: take one of these ways'],
    [
      ['--web'],
      NO_SERVER,
      'LiveKit Cloud: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET',
    ],
    [['--livekit'], NO_SERVER, 'Docker: start it; npm run demo then runs livekit/livekit-server'],
  ])(
    'the demo ends before the show with the remedy, within 80 columns: %j %j',
    async (options, env, message) => {
      const demo = new Child(['tools/demo/main.ts', '--headless', ...options], env);
      const { code } = await within('end of the demo', demo.ended, 200_000);
      expect(code).toBe(1);
      expect(demo.output.replace(/\n +/g, ' ')).toContain(message);
      expect(demo.output).not.toMatch(/The user turns the camera on|Recorded| {4}at /);
      expect(demo.output.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
    SLOW,
  );

  test(
    'the demo names a port that is taken before anything starts',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      try {
        const demo = new Child(['tools/demo/main.ts', '--web', '--port', String(port)]);
        const { code } = await within('end of the demo', demo.ended, 200_000);
        expect(code).toBe(1);
        expect(demo.output).toContain(`--port ${port}: nothing can be served there`);
        expect(demo.output).toMatch(/another\s+port/);
        expect(demo.output).not.toContain('Open http');
      } finally {
        taken.close();
      }
    },
    SLOW,
  );

  test('the demo explains its options within 80 columns', () => {
    expect(USAGE.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    [['--port', '4000'], '--port is the port of the page: add --web'],
    [['--port', '0', '--web'], '--port "0": give a port from 1 to 65535'],
    [
      ['--web', '--json', 'x.json', '--text', 'X'],
      '--web is a page without a show: leave out --text, --json',
    ],
    [['--pixels'], '--pixels are for the inspector: add --inspect'],
  ])('the demo refuses options that do not fit together: %j', (options, message) => {
    expect(() => demoOptions(options)).toThrow(message);
  });

  test(
    'the demo refuses a text that it cannot draw, in one line',
    async () => {
      const demo = new Child(['tools/demo/main.ts', '--headless', '--text', 'ÄPFEL 12']);
      const { code } = await within('end of the demo', demo.ended, 200_000);
      expect(code).toBe(1);
      expect(demo.output).toBe(
        '--text "ÄPFEL 12": use 1 to 24 letters, digits, blanks and - . :\n',
      );
    },
    SLOW,
  );

  test.each(['', ' ', '-', 'A'.repeat(25), '<b>'])('the demo refuses the text "%s"', (text) => {
    expect(() => demoOptions(['--text', text])).toThrow(`--text "${text}": use 1 to 24`);
  });
});

describeWithBrowser('the report of the demo', () => {
  test(
    'the report of the demo shows every picture',
    async () => {
      const { result } = await loopbackRun();
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('console', (message) => {
          if (message.type() === 'error') errors.push(message.text());
        });
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(REPORT.href);
        const widths = await page.evaluate<number[]>(
          'Promise.all([...document.images].map((image) => image.decode().then(() => image.naturalWidth)))',
        );
        expect(widths).toHaveLength(result.turns.length);
        for (const width of widths) expect(width).toBeGreaterThan(0);
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    SLOW,
  );
});

describeWithServerInstalled('the demo on a server', () => {
  test(
    'the demo on a server answers every question aloud through an avatar, and leaves no process',
    async () => {
      const run = await runDemo('--avatar');
      expectRightTurns(run);
      expectStory(run.result);
      expectTransitions(run.result);
      const { avatar } = run.result;
      expect(avatar).toMatchObject({
        states: ['coming.starting', 'coming.joining', 'shown.joined', 'shown.live'],
        faults: [],
      });
      expect(avatar?.joinMs).toBeGreaterThan(0);
      expect(avatar?.firstAudioMs).toBeGreaterThan(avatar?.joinMs ?? Number.NaN);
      expect(await readFile(REPORT, 'utf8')).toContain('alt="The avatar while it speaks"');
    },
    SLOW,
  );
});

type DemoResult = Awaited<ReturnType<typeof runShow>>;

/** One run of the demo, and the texts that it showed. */
interface Run {
  result: DemoResult;
  camera: string;
  screen: string;
  startedAt: number;
  /** Its lines, figures, recording and report. */
  written: string[];
}

async function runDemo(...options: string[]): Promise<Run> {
  const [camera, screen] = [randomText(), randomText()];
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'sightline-demo-'));
  try {
    const [json, record] = [join(folder, 'demo.json'), join(folder, 'demo.jsonl')];
    const demo = new Child(
      [
        'tools/demo/main.ts',
        ...['--headless', '--json', json, '--record', record, '--text', camera, '--text', screen],
        ...options,
      ],
      // Without an address the keys have no use, and the demo starts its own server.
      { ...PLANTED, LIVEKIT_URL: undefined },
    );
    const { code } = await within('end of the demo', demo.ended, 250_000);
    expect(code, demo.output).toBe(0);
    await demo.groupIsGone();
    const files = await Promise.all([json, record, REPORT].map((name) => readFile(name, 'utf8')));
    const result = JSON.parse(files[0] ?? '') as DemoResult;
    return { result, camera, screen, startedAt, written: [demo.output, ...files] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expectRightTurns({ result, camera, screen }: Run): void {
  expect(result.ok).toBe(true);
  expect(new Set(result.turns.map(({ kind }) => kind))).toEqual(new Set(['typed', 'spoken']));
  expect(new Set(result.turns.map(({ frame }) => frame?.source))).toEqual(
    new Set(['camera', 'screen']),
  );
  for (const turn of result.turns) {
    expect(turn).toMatchObject({ imagesInRequest: 1, llmCalls: 1 });
    expect(turn.expected).toBe(turn.frame?.source === 'camera' ? camera : screen);
    expect(turn.answer).toContain(turn.expected);
    expect(turn.frame).toMatchObject({ mimeType: 'image/jpeg' });
    expect(turn.frame?.width).toBeGreaterThanOrEqual(640);
    expect(turn.frame?.height).toBeGreaterThanOrEqual(360);
    expect(turn.frame?.bytes).toBeGreaterThan(1000);
    expect(turn.frame?.ageMs).toBeGreaterThanOrEqual(0);
    expect(turn.frame?.ageMs).toBeLessThanOrEqual(3000);
  }
}

/** The camera stays on and the screen too; the screen share pauses and resumes. */
function expectStory({ switches, metrics }: DemoResult): void {
  // On a busy machine a connection may be repaired meanwhile; then the same source is found again.
  const seen = switches.map(({ to }) => to).filter((to, index, all) => to !== all[index - 1]);
  expect(seen).toEqual(['camera', 'screen', 'camera', 'screen']);
  expect(switches[0]?.from).toBe('none');
  for (const { reason, gapMs } of switches) {
    expect(reason).not.toBe('');
    expect(gapMs).toBeGreaterThanOrEqual(0);
  }
  expect(metrics).toMatchObject({ switches: { count: switches.length } });
}

function expectTransitions({ transitions }: DemoResult): void {
  for (const { machine, from, to, event } of transitions) {
    for (const name of [machine, from, to, event]) expect(name).toBeTypeOf('string');
    expect(machine).not.toBe('');
    expect(event).not.toBe('');
    expect(from + to).not.toBe('');
  }
  const machines = new Set(transitions.map(({ machine }) => machine.replace(/-\d+$/, '')));
  for (const name of ['session', 'discovery', 'replacement', 'sampling', 'turn'])
    expect(machines).toContain(name);
}
