import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConvertible } from '../../src/internals/google-tools.ts';

type Schema = NonNullable<Parameters<typeof checkConvertible>[0]>;

/** The used part of the package that the Google plugin connects with. */
interface GenAI {
  GoogleGenAI: new (options: {
    apiKey: string;
  }) => {
    live: {
      webSocketFactory: object;
      connect(params: object): Promise<unknown>;
    };
  };
}

const plugin = createRequire(import.meta.url).resolve('@livekit/agents-plugin-google');
const { GoogleGenAI }: GenAI = createRequire(plugin)('@google/genai');

/** Whether `@google/genai` can make a setup with a tool of this schema. */
async function isConverted(parameters: Schema): Promise<boolean> {
  const { live } = new GoogleGenAI({ apiKey: 'k' });
  type Callbacks = Record<'onopen' | 'onmessage', (event: object) => void>;
  live.webSocketFactory = {
    create: (_url: string, _headers: object, { onopen, onmessage }: Callbacks) => ({
      connect: () => onopen({}),
      send: () => queueMicrotask(() => onmessage({ data: '{"setupComplete":{}}' })),
    }),
  };
  const tools = [{ functionDeclarations: [{ name: 'a', parameters }] }];
  return live.connect({ model: 'm', config: { tools }, callbacks: { onmessage() {} } }).then(
    () => true,
    () => false,
  );
}

const type = fc.constantFrom('null', 'string', 'object');
const { schema } = fc.letrec<{ part: Schema | undefined; schema: Schema }>((tie) => ({
  part: fc.option(tie('schema'), { nil: undefined, freq: 9 }),
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ type }),
    fc.record({ items: tie('schema') }),
    fc.record({ anyOf: fc.array(tie('part'), { maxLength: 3 }) }),
    fc.record({ type, anyOf: fc.array(tie('part'), { maxLength: 2 }) }),
    fc.record({ type, properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('part')) }),
  ),
}));

test('a schema that @google/genai converts passes the check, and one for which it throws does not', async () => {
  const seen = { true: 0, false: 0 };
  await fc.assert(
    fc.asyncProperty(schema, async (one) => {
      const converted = await isConverted(structuredClone(one));
      seen[`${converted}`]++;
      if (converted) checkConvertible(one);
      else expect(() => checkConvertible(one)).toThrow(TypeError);
    }),
    { numRuns: 200 },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(20);
});
