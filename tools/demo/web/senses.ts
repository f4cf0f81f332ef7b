import { OfflineEyes } from '../../../offline/eyes/offline-eyes.ts';
import { OfflineRecognizer } from '../../../offline/hearing/offline-recognizer.ts';
import { messageOf } from '../../../src/thrown.ts';

/** What the offline model has beyond reading: each part needs a package that the demo installs. */
export interface Senses {
  readonly eyes?: OfflineEyes;
  readonly ears?: OfflineRecognizer;
}

const EYES = 'eyes';
const EARS = 'ears';

/**
 * Installs the senses of the offline model. The page works without them.
 *
 * @param say - Gets the sizes, the progress, and what is missing.
 * @returns the names of those that are installed, for `openSenses`
 */
export async function installSenses(say: (text: string) => void): Promise<string> {
  const names: string[] = [];
  for (const [name, sense, without] of [
    [EYES, OfflineEyes, 'The demo model will only read text'],
    [EARS, OfflineRecognizer, 'The demo model will not hear, so type your questions'],
  ] as const)
    try {
      await sense.install(say);
      names.push(name);
    } catch (error) {
      say(`${without}: ${messageOf(error)}`);
    }
  return names.join(' ');
}

/** @throws ThreadError if a sense does not start. */
export async function openSenses(names: string): Promise<Senses> {
  const wanted = names.split(' ');
  const [eyes, ears] = await Promise.all([
    wanted.includes(EYES) ? OfflineEyes.open() : undefined,
    wanted.includes(EARS) ? OfflineRecognizer.open() : undefined,
  ]);
  return { ...(eyes && { eyes }), ...(ears && { ears }) };
}
