/**
 * The services of the realtime models, in a separate process, so that their pictures do not count
 * as the agent's memory. Answers `addresses`, `tally` with the messages since the last one, and
 * `drop gemini` or `drop openai`, which closes the newest connection.
 */

import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import { FakeOpenAIRealtime } from '../../src/testing/fakes/openai-realtime.ts';
import type { ServiceRecord } from '../../src/testing/fakes/service-record.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';

/** What a service got since the last tally. */
export interface Tally {
  frames: number;
  /** Messages that the real service would have refused. */
  violations: string[];
}

/** Close code of a service that fails. */
const INTERNAL_ERROR = 1011;

class ForgetfulGemini extends FakeGeminiLive {
  tally(): Tally {
    return tallyOf(this.record);
  }
}

class ForgetfulOpenAI extends FakeOpenAIRealtime {
  tally(): Tally {
    return tallyOf(this.record);
  }
}

function tallyOf({ frames, messages, violations }: ServiceRecord): Tally {
  messages.length = 0;
  return { frames: frames.splice(0).length, violations: violations.splice(0) };
}

const services = { gemini: new ForgetfulGemini(), openai: new ForgetfulOpenAI() };
type Provider = keyof typeof services;

function drop(provider: Provider): void {
  const { connections } = services[provider];
  connections.findLast(({ isOpen }) => isOpen)?.close(INTERNAL_ERROR);
}

const [gemini, openai] = await Promise.all([services.gemini.listen(), services.openai.listen()]);
await answerLines(async (line) => {
  if (line === 'addresses') return { gemini: gemini.baseUrl, openai: openai.baseUrl };
  if (line !== 'tally') return drop(line.replace('drop ', '') as Provider);
  const tallies = [services.gemini.tally(), services.openai.tally()];
  return {
    frames: tallies.reduce((sum, { frames }) => sum + frames, 0),
    violations: tallies.flatMap(({ violations }) => violations),
  };
});
await Promise.all([services.gemini.close(), services.openai.close()]);
process.exit(0);
