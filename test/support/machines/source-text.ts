import ts from 'typescript';

/** The facts about a source file that the rules check. */
export interface Source {
  /** Imports and re-exports of values from any module but xstate, and of a whole module. */
  foreign: string[];
  /** Imports that mix types and values, which the visualizers cannot read. */
  mixed: string[];
  enums: string[];
  /** Names that a machine may not use: clocks, random numbers, timers, `setup().extend()`. */
  forbidden: string[];
  /** Calls of `emit`, which only listeners of the actor get. */
  emits: string[];
  /** Uses of an actor's own `_parent`, which is private to xstate. */
  privateParents: string[];
  /** Names of the constants and functions of the module itself. */
  topLevel: Set<string>;
}

const FORBIDDEN =
  /^(Date\b|Math\.random$|performance\b|crypto\b|process\b|console\b|set(Timeout|Interval|Immediate)$|.*\.extend$)/;

export function readSource(name: string, text: string): Source {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
  const source: Source = {
    foreign: [],
    mixed: [],
    enums: [],
    forbidden: [],
    emits: [],
    privateParents: [],
    topLevel: new Set(),
  };
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, source);
    else if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier && !statement.isTypeOnly)
        source.foreign.push(statement.getText());
    } else if (ts.isFunctionDeclaration(statement) && statement.name)
      source.topLevel.add(statement.name.text);
    else if (ts.isVariableStatement(statement))
      for (const { name: declared } of statement.declarationList.declarations)
        source.topLevel.add(declared.getText());
  }
  const visit = (node: ts.Node): void => {
    if (ts.isEnumDeclaration(node)) source.enums.push(node.name.text);
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const callee = node.expression.getText();
      if (callee === 'import' || callee === 'require') source.foreign.push(node.getText());
      const used = callee.replaceAll(/\s/g, '');
      if (FORBIDDEN.test(used)) source.forbidden.push(used);
      if (/^(.*\.)?emit$/.test(used)) source.emits.push(used);
    }
    if (ts.isPropertyAccessExpression(node) && node.name.text === '_parent')
      source.privateParents.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return source;
}

function readImport(statement: ts.ImportDeclaration, source: Source) {
  const clause = statement.importClause;
  const text = statement.getText();
  if (clause?.isTypeOnly) return;
  const from = (statement.moduleSpecifier as ts.StringLiteral).text;
  const bindings = clause?.namedBindings;
  if (from !== 'xstate' || !bindings || !ts.isNamedImports(bindings)) source.foreign.push(text);
  else if (bindings.elements.some((element) => element.isTypeOnly)) source.mixed.push(text);
}
