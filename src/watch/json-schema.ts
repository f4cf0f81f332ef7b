import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { OptionError } from '../errors.ts';

/** A plain JSON schema, such as `{ type: 'boolean' }`. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The problem with a value at this path; `undefined` if there is none. */
export type Check = (value: unknown, place: string) => string | undefined;

/** The parameter that ajv's message omits, by keyword. */
const DETAILS: Readonly<Record<string, string>> = {
  enum: 'allowedValues',
  const: 'allowedValue',
  additionalProperties: 'additionalProperty',
};

/**
 * Compiles a schema (draft 2020-12) to a check. Unknown keywords are refused, because an ignored
 * rule would accept wrong answers.
 * @throws OptionError that names the place in the schema, if ajv reports one.
 */
export function compileSchema(schema: unknown, option: string): Check {
  if (typeof schema !== 'object' || schema === null)
    throw new OptionError(option, schema, 'give a JSON schema, an object');
  // Schema generators may name an older draft, which has the same keywords.
  const { $schema: _, ...rules } = schema as JsonSchema;
  const ajv = new Ajv2020({
    // JSON schema allows what these options report: a rule without a type, an open tuple.
    strictTypes: false,
    strictTuples: false,
    // Only properties that the model wrote count: every object inherits `toString`.
    ownProperties: true,
    logger: false,
    verbose: true,
  });
  // An asynchronous check would return a promise, and every answer would pass.
  ajv.removeKeyword('$async');
  try {
    const [problem] = (!ajv.validateSchema(rules) && ajv.errors) || [];
    if (problem) throw new OptionError(option + pathOf(problem), problem.data, messageOf(problem));
    const validate = ajv.compile(rules);
    return (value, place) =>
      validate(value)
        ? undefined
        : validate.errors
            ?.map((error) => `${place}${pathOf(error)} ${messageOf(error)}`)
            .join(', ');
  } catch (error) {
    if (error instanceof OptionError || !(error instanceof Error)) throw error;
    const reason = error.message.replace('strict mode: ', '');
    throw new OptionError(option, schema, `${reason}; correct that, or give a zod schema`);
  }
}

/** From a JSON pointer: `/people/1` is `.people[1]`. */
function pathOf({ instancePath }: ErrorObject): string {
  const parts = instancePath.split('/').slice(1);
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('');
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  const detail = params[DETAILS[keyword] ?? ''];
  return detail === undefined ? `${message}` : `${message}: ${JSON.stringify(detail)}`;
}
