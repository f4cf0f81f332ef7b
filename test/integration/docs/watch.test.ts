import { readFile } from 'node:fs/promises';
import { voice } from '@livekit/agents';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VideoSession } from '../../../src/index.ts';
import { RecordingLLM } from '../../../src/testing/recording-llm.ts';
import {
  type Around,
  detector,
  door,
  jsonSchema,
  lookAtTitle,
  lookTool,
  ownAct,
  readme as readmeCode,
  views,
} from '../../support/docs-code.ts';

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

let docs: string;
let readme: string;
let compiled: string;
beforeAll(async () => {
  docs = await read('docs/watch.md');
  readme = await read('README.md');
  compiled = bare(await read('test/support/docs-code.ts'));
});

/** With any indentation. */
const bare = (text: string) => text.replace(/^ +/gm, '');
const blocksOf = (text: string) => [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, ts = '']) => ts);

describe('the code about watches', () => {
  test('the code about watches in the docs is compiled', () => {
    const blocks = blocksOf(docs);
    expect(blocks.length).toBeGreaterThan(5);
    for (const block of blocks) expect(compiled).toContain(bare(block));
  });

  test('the code about watches in the README is compiled', () => {
    const blocks = blocksOf(readme).filter((block) => block.includes('VideoWatch'));
    expect(blocks).toHaveLength(1);
    for (const block of blocks) expect(compiled).toContain(bare(block));
  });
});

describe('the examples of the docs', () => {
  const around: Around = {
    video: { look: () => Promise.reject(new Error('no frame')) },
    eyes: new RecordingLLM(),
    session: new voice.AgentSession({ llm: new RecordingLLM() }),
    countPeople: async () => 0,
    openDoor: async () => {},
  };
  let watch: { stop(): void } | undefined;
  afterEach(() => watch?.stop());

  test.each([readmeCode, door, jsonSchema, detector, ownAct])(
    '$name has options that are accepted',
    (make) => {
      watch = make(around);
      expect(watch).toBeDefined();
    },
  );

  test('the examples of the docs subscribe to the events of a watch', () => {
    const telling = door(around);
    watch = telling;
    expect(() => views(telling)).not.toThrow();
  });

  test('the examples of the docs give an agent the look tool', () => {
    const agent = lookTool({
      look: async () => {},
      expectRegions: () => {},
    } as unknown as VideoSession);
    expect(Object.keys(agent.toolCtx.functionTools)).toEqual(['look']);
  });

  test('the examples of the docs look at a region of the screen', async () => {
    const asked: unknown[] = [];
    const video = { look: async (look: unknown) => asked.push(look) } as unknown as VideoSession;
    await lookAtTitle(video);
    expect(asked).toEqual([{ source: 'screen', region: { x: 0, y: 0, width: 1, height: 0.1 } }]);
  });
});
