import ts from 'typescript';

/** The lines of a machine's parts in its source. */
export interface SourceLines {
  /** The comment above the machine. */
  comment: string | undefined;
  /** Line of a state, or of one of its transitions, by the key that names its trigger. */
  lineOf(path: readonly string[], key?: string): number | undefined;
}

/** Finds the states and the events of `export const NAME = ...createMachine({...})`. */
export function readSource(source: string, exportName: string): SourceLines {
  const file = ts.createSourceFile('machine.ts', source, ts.ScriptTarget.Latest, true);
  const statement = file.statements.find(
    (candidate) =>
      ts.isVariableStatement(candidate) &&
      candidate.declarationList.declarations.some(({ name }) => name.getText(file) === exportName),
  );
  const config = statement && configIn(statement);
  const lineAt = (node: ts.Node) =>
    file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  return {
    comment: statement && commentOf(statement),
    lineOf(path, key) {
      let state = config;
      let place: ts.Node | undefined = statement;
      for (const step of path) {
        const property = propertyOf(objectOf(propertyOf(state, 'states')), step);
        if (!property) break;
        place = property;
        state = objectOf(property);
      }
      const transition = key === undefined ? undefined : transitionOf(state, key);
      const found = transition ?? place;
      return found && lineAt(found);
    },
  };
}

function configIn(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === 'createMachine'
  ) {
    const [config] = node.arguments;
    return config && ts.isObjectLiteralExpression(config) ? config : undefined;
  }
  return ts.forEachChild(node, configIn);
}

function transitionOf(
  state: ts.ObjectLiteralExpression | undefined,
  key: string,
): ts.Node | undefined {
  const places = [propertyOf(state, 'on'), propertyOf(state, 'after')].map(objectOf);
  const invokes = propertyOf(state, 'invoke');
  if (invokes) places.push(...objectsIn(invokes.initializer));
  for (const place of [...places, state]) {
    const property = propertyOf(place, key);
    if (property) return property;
  }
  return undefined;
}

function propertyOf(
  object: ts.ObjectLiteralExpression | undefined,
  key: string,
): ts.PropertyAssignment | undefined {
  return object?.properties.find(
    (property): property is ts.PropertyAssignment =>
      ts.isPropertyAssignment(property) &&
      (ts.isIdentifier(property.name) || ts.isStringLiteralLike(property.name)) &&
      property.name.text === key,
  );
}

function objectOf(
  property: ts.PropertyAssignment | undefined,
): ts.ObjectLiteralExpression | undefined {
  const value = property?.initializer;
  return value && ts.isObjectLiteralExpression(value) ? value : undefined;
}

function objectsIn(value: ts.Expression): ts.ObjectLiteralExpression[] {
  if (ts.isArrayLiteralExpression(value))
    return value.elements.filter(ts.isObjectLiteralExpression);
  return ts.isObjectLiteralExpression(value) ? [value] : [];
}

function commentOf(statement: ts.Node): string | undefined {
  const [comment] = ts.getJSDocCommentsAndTags(statement);
  const text = comment && ts.getTextOfJSDocComment(comment.comment);
  return text?.replaceAll(/\s+/g, ' ').trim();
}
