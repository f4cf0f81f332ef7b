import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { Random } from '../../src/testing/random.ts';
import { endStages } from '../support/loopback.ts';
import { endStages as endRealtime, PROVIDERS, stagesEnded } from '../support/realtime-stage.ts';
import { OffTally } from '../support/security/off-tally.ts';
import { PIPELINE_PURPOSES, pipelineUnderOffs } from '../support/security/pipeline-uses.ts';
import { REALTIME_PURPOSES, realtimeUnderOffs } from '../support/security/realtime-uses.ts';
import { wantingInspector } from '../support/security/sent-pictures.ts';

/** Of all tests of this file. CI has 10,000, which takes minutes. */
const OFFS = Number(process.env.SIGHTLINE_OFFS ?? 200);
/** Of these so many fall between request and use, for each purpose. */
const BETWEEN = OFFS / 20;
const SEED = Number(process.env.SIGHTLINE_SEED ?? Date.now() % 100_000);
/** They wait for each other's timers: several agents take little longer than one. */
const AGENTS = 4;
const LIMIT_MS = 30_000 + OFFS * 300;

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
  const between = purposes.map((purpose) => `${tally.between.get(purpose) ?? 0} ${purpose}`);
  console.info(`seed ${SEED}, ${tally.offs} offs; between request and use: ${between.join(', ')}`);
  expect(await tally.violations()).toEqual([]);
  for (const purpose of purposes)
    expect([purpose, (tally.between.get(purpose) ?? 0) >= BETWEEN]).toEqual([purpose, true]);
  for (const [way, count] of Object.entries(tally.said))
    expect([way, count > tally.offs / 8]).toEqual([way, true]);
}

test(
  'no use of a pipeline sends a picture after an off that followed it',
  async () => {
    const tally = new OffTally({
      offs: OFFS * 0.7,
      purposes: PIPELINE_PURPOSES,
      between: BETWEEN,
    });
    const random = new Random(SEED);
    const agents = Array.from({ length: AGENTS }, async () => {
      const inspector = await wantingInspector();
      await pipelineUnderOffs({ camera: camera(), random, tally, inspectorUrl: inspector.url });
      await inspector.close();
    });
    await Promise.all(agents);
    await expectNoPictureOfBefore(tally, PIPELINE_PURPOSES);
  },
  LIMIT_MS,
);

test.each(PROVIDERS)(
  'no use of a realtime model of %s sends a picture after an off that followed it',
  async (provider) => {
    const tally = new OffTally({
      offs: OFFS * 0.15,
      purposes: REALTIME_PURPOSES,
      between: BETWEEN,
    });
    await realtimeUnderOffs(provider, { camera: camera(), random: new Random(SEED), tally });
    await expectNoPictureOfBefore(tally, REALTIME_PURPOSES);
  },
  LIMIT_MS,
);
