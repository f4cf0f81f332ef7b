import { readdirSync, readFileSync } from 'node:fs';
import { type AnyStateMachine, StateMachine } from 'xstate';

/** A machine and its file. */
export interface CatalogEntry {
  /** `track-discovery` */
  name: string;
  exportName: string;
  /** From the root of the repository. */
  path: string;
  source: string;
  machine: AnyStateMachine;
}

const folder = 'src/machines';

/** Every exported machine, with its file; in the order of the file names. */
export function catalogOf(exports: Readonly<Record<string, unknown>>): CatalogEntry[] {
  const machines = Object.entries(exports).filter(
    (entry): entry is [string, AnyStateMachine] => entry[1] instanceof StateMachine,
  );
  const root = new URL(`../../${folder}/`, import.meta.url);
  const files = readdirSync(root)
    .filter((file) => file.endsWith('.machine.ts'))
    .sort();
  const entries: CatalogEntry[] = [];
  for (const file of files) {
    const source = readFileSync(new URL(file, root), 'utf8');
    for (const [exportName, machine] of machines)
      if (source.includes(`export const ${exportName} =`))
        entries.push({
          name: file.replace('.machine.ts', ''),
          exportName,
          path: `${folder}/${file}`,
          source,
          machine,
        });
  }
  if (entries.length < machines.length)
    throw new Error(`not every machine has its own file: ${machines.map(([name]) => name)}`);
  return entries;
}
