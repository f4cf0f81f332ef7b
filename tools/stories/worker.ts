/**
 * Plays stories in a separate process: answers each seed with the outcome of its story. With the
 * argument `masks`, each story has a mask.
 */
import '../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { playSeed } from './play.ts';

// The sessions are cut off everywhere, so their logs add nothing to the result.
initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'silent' });
await answerLines((line) => playSeed(Number(line), process.argv.includes('masks')));
process.exit(0);
