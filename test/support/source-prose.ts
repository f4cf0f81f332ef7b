import ts from 'typescript';

/** A piece of a source file that people read. */
export interface Prose {
  readonly kind: 'comment' | 'message' | 'test name';
  readonly text: string;
  readonly line: number;
}

/** Three words or more: shorter strings are names. */
const MESSAGE = /[A-Za-z]{2,}\W+[A-Za-z]+\W+[A-Za-z]{2,}/;
/** `test('...')`, `it.each(rows)('...')`; the name of a group may be a noun alone. */
const TEST = /^(test|it)\b/;

/** The comments, messages and test names of a source file. */
export function proseIn(path: string, source: string): Prose[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found = new Map<number, Prose>();
  const add = (at: number, kind: Prose['kind'], text: string) => {
    const line = file.getLineAndCharacterOfPosition(at).line + 1;
    if (!found.has(at)) found.set(at, { kind, text, line });
  };
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? [])
      add(pos, 'comment', withoutNames(source.slice(pos, end)));
    if (ts.isCallExpression(node) && TEST.test(node.expression.getText(file))) {
      const [name] = node.arguments;
      if (name && isText(name)) add(name.getStart(file), 'test name', wordsOf(name));
    }
    if (isText(node) && !ts.isImportDeclaration(node.parent)) {
      const words = wordsOf(node);
      if (MESSAGE.test(words)) add(node.getStart(file), 'message', words);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found.values()];
}

const isText = (node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** Without the code within a template: its names are no words. */
const wordsOf = (node: ts.StringLiteralLike | ts.TemplateExpression) =>
  ts.isTemplateExpression(node)
    ? [node.head, ...node.templateSpans.map(({ literal }) => literal)]
        .map(({ text }) => text)
        .join('…')
    : withoutNames(node.text);

const withoutNames = (text: string) => text.replace(/`[^`\n]*`/g, '`code`');
