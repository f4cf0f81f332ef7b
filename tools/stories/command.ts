import { writeFile } from 'node:fs/promises';
import { messageOf } from '../../src/thrown.ts';
import { storiesOptions, USAGE } from './options.ts';
import type { playStories } from './run.ts';
import type { StoriesResult } from './tally.ts';

/** What the command uses of its process. */
export interface CommandHost {
  readonly play: typeof playStories;
  /** Prints the result. */
  print(text: string): void;
  /** Reports progress and failures. */
  say(line: string): void;
}

/** Runs `npm run stories` with these arguments. Resolves with the exit code. */
export async function storiesCommand(
  args: readonly string[],
  { play, print, say }: CommandHost,
): Promise<number> {
  try {
    const options = storiesOptions(args);
    if (options === 'help') {
      print(USAGE);
      return 0;
    }
    const { failureText, storiesReport } = await import('./report.ts');
    say(`stories: ${options.minutes} minutes, seed ${options.seed}`);
    const result = await play(options, {
      say,
      onFailure: (failure) => say(failureText(failure, options.server)),
      onUnmeasured: (seed, reason) => say(`not judged: seed ${seed}: ${reason}`),
    });
    if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    print(storiesReport(result));
    const problem = problemOf(result);
    if (problem) throw new Error(problem);
    return 0;
  } catch (error) {
    say(`stories: ${messageOf(error)}`);
    return 1;
  }
}

function problemOf({
  failures,
  isTooBusy,
  promises: { heard },
}: StoriesResult): string | undefined {
  if (failures.length > 0) return `${failures.length} promises were broken`;
  if (!isTooBusy) return undefined;
  return heard.unmeasured > heard.checked
    ? 'the machine lost sound during most speeches: use fewer --workers'
    : 'rtc-node or the server failed in most stories: use fewer --workers';
}
