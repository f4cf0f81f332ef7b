import ts from 'typescript';
import type { CatalogEntry } from './catalog.ts';
import { type ChartState, type ChartTransition, withDescendants } from './chart.ts';
import { readChart } from './read-chart.ts';

/** An actor that a machine starts, as its `setup({ actors })` declares it. */
interface Part {
  /** Such as `look`; the picture of the machine uses this name too. */
  src: string;
  /** `lookMachine` if it is a machine, from the type of its stub. */
  machine: string | undefined;
}

/**
 * How the machines connect, as a chart in which each machine is one state. An arrow leads to a
 * machine that another one starts, with the reports of that machine.
 *
 * @param reports - Event types by the name of the report type, such as `SourceReport`.
 */
export function overviewOf(
  catalog: readonly CatalogEntry[],
  reports: ReadonlyMap<string, readonly string[]>,
): ChartState {
  const ids = new Map(catalog.map(({ exportName, machine }) => [exportName, idOf(machine.id)]));
  const children = catalog.map((entry): ChartState => {
    const chart = readChart(entry.machine);
    const { key, description } = chart;
    const parts = partsOf(entry.source);
    const invoked = withDescendants(chart).flatMap(({ invokes }) => invokes.map(({ src }) => src));
    return {
      ...emptyState(idOf(key), key, 'atomic'),
      description,
      invokes: parts.flatMap(({ src, machine }) =>
        machine ? [] : [{ src, id: undefined, isSpawned: !invoked.includes(src) }],
      ),
      transitions: parts.flatMap(({ machine }) => {
        const target = machine && ids.get(machine);
        return target ? arrow(target, reports.get(reportName(machine)) ?? []) : [];
      }),
    };
  });
  return {
    ...emptyState(ROOT, 'How the machines connect', 'compound'),
    path: [],
    description:
      'An arrow leads from a machine to one that it starts, with what that one reports ' +
      'back. Green are the actors that access the room, the agent, the model and the avatar.',
    // A machine that another one starts comes after it.
    children: children.sort((a, b) => b.transitions.length - a.transitions.length),
  };
}

const ROOT = 'machines';
const idOf = (key: string) => `${ROOT}.${key}`;

/** `lookMachine` reports with `LookReport`. */
const reportName = (machine: string) =>
  `${machine.charAt(0).toUpperCase()}${machine.slice(1).replace(/Machine$/, '')}Report`;

const arrow = (target: string, events: readonly string[]): ChartTransition[] =>
  events.map((name) => ({
    trigger: { kind: 'event', name },
    guard: undefined,
    actions: [],
    targets: [target],
    reenter: false,
    description: undefined,
    sourceKey: name,
  }));

const emptyState = (id: string, key: string, kind: ChartState['kind']): ChartState => ({
  ...{ id, key, kind, path: [key], description: undefined, initial: undefined },
  ...{ entry: [], exit: [], invokes: [], transitions: [], children: [] },
});

/** The content of `setup({ actors: {...} })` in a machine's file, in its order. */
function partsOf(source: string): Part[] {
  const file = ts.createSourceFile('machine.ts', source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): Part[] | undefined => {
    if (
      ts.isPropertyAssignment(node) &&
      node.name.getText() === 'actors' &&
      ts.isObjectLiteralExpression(node.initializer)
    )
      return node.initializer.properties.filter(ts.isPropertyAssignment).map(partOf);
    return ts.forEachChild(node, visit);
  };
  return visit(file) ?? [];
}

/** A machine is recognized by its stub's type: `missing<typeof lookMachine>('look')`. */
function partOf({ name, initializer }: ts.PropertyAssignment): Part {
  const types = ts.isCallExpression(initializer) ? initializer.typeArguments : undefined;
  const query = types?.find((type) => ts.isTypeQueryNode(type));
  return { src: name.getText(), machine: query?.exprName.getText() };
}
