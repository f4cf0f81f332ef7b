/** Plays stories in a process of its own: answers each seed with what became of its story. */
import '../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { playSeed } from './play.ts';

// Of sessions that are cut off everywhere, logs say nothing that the result does not say.
initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'silent' });
await answerLines((line) => playSeed(Number(line)));
process.exit(0);
