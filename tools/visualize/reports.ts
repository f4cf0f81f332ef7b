import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * The reports of each machine to its parent, by the name of the type, such as `SourceReport`: the
 * `type` of each event in it, in the order of the union.
 */
export function reportsIn(entry: URL): ReadonlyMap<string, readonly string[]> {
  const path = fileURLToPath(entry);
  const program = ts.createProgram([path], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${path} exports nothing`);
  const eventTypes = (type: ts.Type): string[] =>
    (type.isUnion() ? type.types : [type]).flatMap((event) => {
      const property = event.getProperty('type');
      const name = property && checker.getTypeOfSymbol(property);
      return name?.isStringLiteral() ? [name.value] : [];
    });
  const reports = new Map<string, string[]>();
  for (const symbol of checker.getExportsOfModule(module)) {
    if (!symbol.name.endsWith('Report')) continue;
    const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
    reports.set(symbol.name, [...new Set(eventTypes(type))]);
  }
  return reports;
}
