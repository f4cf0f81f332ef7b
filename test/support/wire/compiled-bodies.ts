import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A recorded body, and the type that its provider publishes for it. */
export interface WireBody {
  /** For the error, such as `openai chat, second turn`. */
  readonly name: string;
  /** `RealtimeClientEvent from openai/resources/realtime/realtime`; may be in a namespace. */
  readonly type: `${string} from ${string}`;
  readonly body: unknown;
}

/** A value of an enum is sent as a text. */
const WIRE = `type Wire<T> = T extends string ? \`\${T}\` :
  T extends object ? { [K in keyof T]: Wire<T[K]> } : T;`;

/** The providers' types, which take most of a compilation to parse. */
const parsed = new Map<string, ts.SourceFile>();

const FOLDER = dirname(fileURLToPath(import.meta.url));

/**
 * Compiles each body against its type, as a literal: a field that is missing, unknown or of another
 * type is an error. Returns the errors, each with the name of its body.
 */
export function wireErrors(bodies: readonly WireBody[]): string[] {
  const file = join(FOLDER, 'bodies.generated.ts');
  const lines = bodies.map(({ type, body }, n) => {
    const [path = '', from] = type.split(' from ');
    const [name, ...inner] = path.split('.');
    const imported = `import type { ${name} as T${n} } from '${from}';`;
    const of = [`T${n}`, ...inner].join('.');
    return `${imported} export const b${n} = ${JSON.stringify(body)} satisfies Wire<${of}>;`;
  });
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  // In the last lines, so that each line stands for the body of that number.
  const source = [...lines, WIRE].join('\n');
  const [read, exists] = [host.getSourceFile, host.fileExists];
  host.fileExists = (path) => path === file || exists(path);
  host.getSourceFile = (path, ...rest) => {
    if (path === file) return ts.createSourceFile(path, source, ts.ScriptTarget.ES2023);
    const known = parsed.get(path) ?? read.call(host, path, ...rest);
    if (known) parsed.set(path, known);
    return known;
  };
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file: where, start, messageText }) => {
    const line =
      where && start !== undefined ? where.getLineAndCharacterOfPosition(start).line : -1;
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${bodies[line]?.name ?? where?.fileName}: ${text}`;
  });
}

/** A copy of the first body that has this field, under a name that its type does not know. */
export function brokenBody(bodies: readonly WireBody[], field: string): WireBody {
  for (const { name, type, body } of bodies) {
    const text = JSON.stringify(body);
    const broken = text.replace(`"${field}":`, `"${field}_unknown":`);
    if (broken !== text) return { name: `broken ${name}`, type, body: JSON.parse(broken) };
  }
  throw new Error(`no body has the field ${field}`);
}
