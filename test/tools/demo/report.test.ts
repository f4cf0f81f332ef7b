import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportPage, writeReport } from '../../../tools/demo/report.ts';
import type { DemoResult, Turn } from '../../../tools/demo/result.ts';

const PICTURE = 'data:image/jpeg;base64,/9j/4AAQSkZJRg==';

const turn: Turn = {
  kind: 'spoken',
  question: 'Read the sheet to me, please.',
  answer: 'I see: ZEBRA 9035',
  expected: 'ZEBRA 9035',
  imagesInRequest: 1,
  llmCalls: 1,
  frame: {
    source: 'camera',
    ageMs: 41.4,
    width: 1024,
    height: 576,
    mimeType: 'image/jpeg',
    bytes: 29_300,
  },
  picture: PICTURE,
  atMs: 3120,
};

const data: DemoResult = {
  ok: true,
  turns: [turn],
  switches: [{ from: 'camera', to: 'screen', reason: 'newest track', gapMs: 112 }],
  metrics: { frames: { received: 412, skipped: { stale: 1 } }, encodeMs: { p95: null }, stalls: 0 },
  transitions: [
    { atMs: 13, machine: 'trackDiscovery', from: 'waiting', to: 'watching', event: 'user.joined' },
  ],
};

function pageOf(changes: Partial<DemoResult>): string {
  return reportPage({ ...data, ...changes });
}

/** The text without the tags. */
function words(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe('reportPage', () => {
  test('reportPage shows everything about a turn', () => {
    const text = words(pageOf({}));
    for (const part of [
      'Run passed',
      'camera',
      '3.12 s',
      'spoken Read the sheet to me, please.',
      'I see: ZEBRA 9035 Right expected ZEBRA 9035',
      'Age 41 ms',
      'Size 1024 × 576',
      'Data 29.3 kB',
      'Format JPEG',
      'Pictures in request 1',
      'Model calls 1',
    ])
      expect(text).toContain(part);
  });

  test('reportPage shows switches, transitions and metrics', () => {
    const text = words(pageOf({}));
    expect(text).toContain('camera screen newest track 112 ms');
    expect(text).toContain('0.01 s trackDiscovery waiting → watching user.joined');
    expect(text).toContain('frames received 412 skipped · stale 1');
    expect(text).toContain('encode ms p95 –');
    expect(text).toContain('session stalls 0');
  });

  test('reportPage marks a wrong answer and a failed run', () => {
    const wrong = pageOf({ ok: false, turns: [{ ...turn, answer: 'I see: ZEBRA 9O35' }, turn] });
    expect(words(wrong)).toContain('Run failed');
    expect(words(wrong)).toContain('I see: ZEBRA 9O35 Wrong expected ZEBRA 9035');
    expect(words(wrong)).toContain('Answers right 1 of 2');
  });

  test('reportPage marks accumulated pictures and repeated calls', () => {
    expect(pageOf({})).not.toContain('<dd class="bad">');
    const odd = pageOf({ turns: [{ ...turn, imagesInRequest: 2, llmCalls: 3 }] });
    expect(odd).toContain('<dd class="bad">2</dd>');
    expect(odd).toContain('<dd class="bad">3</dd>');
  });

  test('reportPage marks a turn without a picture', () => {
    const blind: Turn = {
      ...turn,
      answer: 'I see no picture',
      expected: 'I see no picture',
      imagesInRequest: 0,
      frame: null,
      picture: undefined,
    };
    const page = pageOf({ turns: [blind] });
    expect(words(page)).toContain('no picture');
    expect(words(page)).not.toContain('Format');
    expect(page).not.toContain('<img');
  });

  test('reportPage escapes every text', () => {
    const evil = `<b x="1" y='2'>&`;
    const page = pageOf({
      turns: [
        {
          ...turn,
          question: evil,
          answer: evil,
          expected: evil,
          frame: { ageMs: 1, width: 1, height: 1, bytes: 1, source: evil, mimeType: evil },
        },
      ],
      switches: [{ from: evil, to: evil, reason: evil, gapMs: null }],
      transitions: [{ atMs: 0, machine: evil, from: evil, to: evil, event: evil }],
      metrics: { [evil]: evil, group: { [evil]: evil } },
    });
    expect(page).not.toContain('<b x');
    expect(page).toContain('&lt;b x=&quot;1&quot; y=&#39;2&#39;&gt;&amp;');
  });

  test.each([
    'https://example.com/a.jpg',
    'data:image/svg+xml;base64,AAAA',
    'data:image/png;base64,AAAA" onerror="x',
    'javascript:alert(1)',
  ])('reportPage shows no picture from %s', (picture) => {
    expect(pageOf({ turns: [{ ...turn, picture }] })).not.toContain('<img');
  });

  test('reportPage fetches and runs nothing', () => {
    const page = pageOf({});
    expect(page).toContain(`src="${PICTURE}"`);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|https?:|url\(|@import/i);
  });

  test('reportPage handles an empty run', () => {
    const text = words(
      reportPage({ ok: false, turns: [], switches: [], metrics: {}, transitions: [] }),
    );
    expect(text).toContain('Answers right 0 of 0');
    expect(text).toContain('No turn was taken.');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

test('writeReport creates the folder and returns the path of the page', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sightline-report-'));
  try {
    const file = await writeReport(join(root, 'deep', 'er'), data);
    expect(file).toBe(join(root, 'deep', 'er', 'index.html'));
    expect(await readFile(file, 'utf8')).toBe(reportPage(data));
  } finally {
    await rm(root, { recursive: true });
  }
});
