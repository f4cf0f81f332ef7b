import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { TestCamera } from '../../../src/testing/camera/test-camera.ts';
import { Random } from '../../../src/testing/random.ts';
import { endStages } from '../loopback.ts';
import { endStages as endRealtime, PROVIDERS, stagesEnded } from '../realtime-stage.ts';
import { OffTally } from './off-tally.ts';
import { PIPELINE_PURPOSES, pipelineUnderOffs } from './pipeline-uses.ts';
import { REALTIME_PURPOSES, realtimeUnderOffs } from './realtime-uses.ts';
import { wantingInspector } from './sent-pictures.ts';

/** Each purpose has this share of the offs between request and use. */
const BETWEEN = 1 / 20;
const SEED = Number(process.env.SIGHTLINE_SEED ?? Date.now() % 100_000);
/** They wait for their timers most of the time: several agents take little longer than one. */
const AGENTS = 8;

/** Runs the agents of a test at the same time. */
const together = (agent: () => Promise<void>) => Promise.all(Array.from({ length: AGENTS }, agent));

/**
 * Tests that switch video off so often, at random moments, while everything uses pictures: no
 * picture of an earlier frame leaves.
 */
export function testOffs(offs: number): void {
  const between = offs * BETWEEN;
  const limitMs = 60_000 + offs * 300;
  const cameras: TestCamera[] = [];
  const camera = () => {
    const made = new TestCamera();
    cameras.push(made);
    return made;
  };
  afterEach(async () => {
    await endStages();
    endRealtime();
    await stagesEnded();
    vi.restoreAllMocks();
  });
  afterAll(() => Promise.all(cameras.map((one) => one.close())));

  /** Nothing left that must not, and the offs fell where they should. */
  async function expectNoPictureOfBefore(tally: OffTally, purposes: readonly string[]) {
    const counts = purposes.map((purpose) => `${tally.between.get(purpose) ?? 0} ${purpose}`);
    console.info(`seed ${SEED}, ${tally.offs} offs; between request and use: ${counts.join(', ')}`);
    expect(await tally.violations()).toEqual([]);
    for (const purpose of purposes)
      expect([purpose, (tally.between.get(purpose) ?? 0) >= between]).toEqual([purpose, true]);
    for (const [way, count] of Object.entries(tally.said))
      expect([way, count > tally.offs / 8]).toEqual([way, true]);
  }

  test(
    'no use of a pipeline sends a picture after an off that followed it',
    async () => {
      const tally = new OffTally({
        offs: offs * 0.7,
        purposes: PIPELINE_PURPOSES,
        between,
      });
      const random = new Random(SEED);
      await together(async () => {
        const inspector = await wantingInspector();
        await pipelineUnderOffs({ camera: camera(), random, tally, inspectorUrl: inspector.url });
        await inspector.close();
      });
      await expectNoPictureOfBefore(tally, PIPELINE_PURPOSES);
    },
    limitMs,
  );

  test.each(PROVIDERS)(
    'no use of a realtime model of %s sends a picture after an off that followed it',
    async (provider) => {
      const tally = new OffTally({
        offs: offs * 0.15,
        purposes: REALTIME_PURPOSES,
        between,
      });
      const random = new Random(SEED);
      await together(() => realtimeUnderOffs(provider, { camera: camera(), random, tally }));
      await expectNoPictureOfBefore(tally, REALTIME_PURPOSES);
    },
    limitMs,
  );
}
