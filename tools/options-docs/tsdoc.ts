import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { plainDefault } from './default-text.ts';
import { linesOf, type OptionGroup, SECTIONS } from './sections.ts';

const SRC = new URL('../../src/', import.meta.url);

/** An option as the compiler sees it: its name, and the default in its TSDoc. */
type Documented = Map<string, string | undefined>;

/** Differences between the types of the options, with their TSDoc, and the table. */
export function problemsOfTypes(sections = SECTIONS): string[] {
  return Object.values(sections).flatMap((groups) =>
    groups.flatMap((group) => problemsOf(group, groups)),
  );
}

function problemsOf(group: OptionGroup, groups: readonly OptionGroup[]): string[] {
  const { path, rows, source } = group;
  if (!source) return [];
  const [file, type] = source;
  const documented = optionsIn(file, type);
  if (!documented) return [`src/${file} has no ${type}`];
  const problems: string[] = [];
  const full = (name: string) => (path ? `${path}.${name}` : name);
  for (const name of documented.keys())
    if (!rows[name] && !groups.some((other) => other.path === full(name)))
      problems.push(`${type}.${name} of src/${file} is not in src/defaults.ts`);
  for (const [name, row] of linesOf(rows)) {
    const expected = plainDefault(row);
    const told = documented.get(name);
    if (!documented.has(name)) problems.push(`${type} of src/${file} has no ${name}`);
    else if (expected !== undefined && told !== expected)
      problems.push(`${type}.${name} of src/${file}: @defaultValue is ${told}, not ${expected}`);
  }
  return problems;
}

/** The options of a type, of a member such as `Options.limits`, or of a function's parameter. */
function optionsIn(file: string, type: string): Documented | undefined {
  const [first = '', second] = type.split('.');
  const text = readFileSync(new URL(file, SRC), 'utf8');
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  for (const statement of statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === first)
      return second === undefined
        ? membersOf(statement.members)
        : membersOfType(statement.members.find((one) => nameOf(one) === second));
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === first)
      return membersOfType(statement.parameters.find((one) => nameOf(one) === second));
  }
  return undefined;
}

function membersOfType(node: ts.Node | undefined): Documented | undefined {
  const type = node && 'type' in node ? (node.type as ts.TypeNode) : undefined;
  return type && ts.isTypeLiteralNode(type) ? membersOf(type.members) : undefined;
}

function membersOf(members: ts.NodeArray<ts.TypeElement>): Documented {
  return new Map(members.map((member) => [nameOf(member), defaultOf(member)]));
}

function defaultOf(member: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
  // The text after a comma or a colon explains it.
  return ts.getTextOfJSDocComment(tag?.comment)?.split(/[,:]? /)[0];
}

const nameOf = (node: ts.NamedDeclaration): string =>
  node.name && ts.isIdentifier(node.name) ? node.name.text : '';
