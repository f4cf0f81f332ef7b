import { markdownTable } from 'markdown-table';
import { ENCODE, MODEL_PICTURE } from '../../src/defaults.ts';
import type { EncodeOptions } from '../../src/frames/encode-options.ts';
import { GOOGLE_PICTURE } from '../../src/models/google.ts';
import { OPENAI_PICTURE, OPENAI_SCREEN } from '../../src/models/openai.ts';
import { filled } from '../../src/option-table.ts';
import { defaultText, rangeText } from './default-text.ts';
import { linesOf, type OptionGroup, SECTIONS } from './sections.ts';

/** A comment that names a table, and the table below it. */
const TABLE = /<!-- (options|pictures): ([\w-]+) -->\n\n?((?:\|.*\n)*)/g;

/** A document with new tables, and its problems. */
export interface Tables {
  text: string;
  problems: string[];
}

/** Writes the tables of a document again. The meaning of an option stays as it is. */
export function withTables(text: string, sections = SECTIONS): Tables {
  const problems: string[] = [];
  const missing = new Set([...Object.keys(sections), 'models']);
  const made = text.replace(TABLE, (whole, kind: string, name: string, table: string) => {
    missing.delete(name);
    const comment = `<!-- ${kind}: ${name} -->\n\n`;
    if (kind === 'pictures') return comment + picturesTable();
    const groups = sections[name];
    if (groups) return comment + optionsTable(groups, meaningsIn(table), problems);
    problems.push(`there are no options named ${name}`);
    return whole;
  });
  for (const name of missing) problems.push(`the table of ${name} is missing`);
  return { text: made, problems };
}

function optionsTable(
  groups: readonly OptionGroup[],
  meanings: ReadonlyMap<string, string>,
  problems: string[],
): string {
  const lines = groups.flatMap(({ path, rows }) =>
    linesOf(rows).map(([name, row]) => {
      const option = `\`${path ? `${path}.` : ''}${name}\``;
      const meaning = meanings.get(option) ?? '';
      if (meaning === '') problems.push(`${option} has no meaning: write it into its row`);
      return [option, defaultText(row), rangeText(row), meaning];
    }),
  );
  return tableOf(['option', 'default', 'range', 'meaning'], lines);
}

/** The picture formats of the models, each from its provider's file. */
function picturesTable(): string {
  const line = (model: string, picture: EncodeOptions) => {
    const { format, quality } = filled('', picture, ENCODE);
    const { resize, enlarge } = picture;
    const size = resize ? `inside ${resize.width}x${resize.height}` : "the frame's";
    return [model, format, String(quality), size, enlarge === false ? 'no' : 'yes'];
  };
  return tableOf(
    ['model', 'format', 'quality', 'size', 'enlarged'],
    [
      line('Gemini Live', GOOGLE_PICTURE),
      line('OpenAI Realtime', OPENAI_PICTURE),
      line('OpenAI Realtime, a shared screen', OPENAI_SCREEN),
      line('the chat model of a watch or the look tool', MODEL_PICTURE),
      line('a chat model in a turn', {}),
    ],
  );
}

/** The meaning of each option, by its row. */
function meaningsIn(table: string): Map<string, string> {
  const lines = table.split('\n').slice(2);
  return new Map(
    lines.map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      return [cells.at(1) ?? '', cells.at(-2) ?? ''];
    }),
  );
}

/** Not aligned, so that a change of one option changes one line. */
const tableOf = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  `${markdownTable([head, ...lines], { alignDelimiters: false })}\n`;
