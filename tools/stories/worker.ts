/**
 * Plays stories in a separate process: answers each seed with the outcome of its story. Its argument
 * is the `PlayOptions` as JSON.
 */
import '../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { type PlayOptions, playSeed } from './play.ts';

// The sessions are cut off everywhere, so their logs add nothing to the result.
initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'silent' });
const options = JSON.parse(process.argv[2] ?? '{}') as PlayOptions;
await answerLines((line) => playSeed(Number(line), options));
process.exit(0);
