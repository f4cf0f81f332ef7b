/**
 * The model's service, in a separate process, so that its pictures do not count as the agent's
 * memory. Answers `address` with its address, and `tally` with its messages since the last one.
 */

import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';

/** What the service got since the last tally. */
export interface Tally {
  frames: number;
  /** Messages that the real service would have refused. */
  violations: readonly string[];
}

class ForgetfulGemini extends FakeGeminiLive {
  tally(): Tally {
    const { frames, messages, violations } = this.record;
    messages.length = 0;
    return { frames: frames.splice(0).length, violations: violations.splice(0) };
  }
}

const service = new ForgetfulGemini();
const { baseUrl } = await service.listen();
await answerLines(async (line) => (line === 'tally' ? service.tally() : { baseUrl }));
await service.close();
process.exit(0);
