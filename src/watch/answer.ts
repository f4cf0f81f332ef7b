import { llm } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import { compileSchema, type JsonSchema } from './json-schema.ts';
import { WatchError } from './watch-error.ts';

/** Checks a model's answer: a zod schema, or anything with its `safeParse`. */
export interface AnswerSchema<Answer> {
  safeParse(
    value: unknown,
  ): { success: true; data: Answer } | { success: false; error: { message: string } };
}

/** The expected answer of a question. */
export interface WantedAnswer<Answer> {
  /**
   * The JSON schema that the model is shown; `undefined` if the schema cannot be expressed as one.
   */
  readonly shown: JsonSchema | undefined;
  /** Checks and returns the answer. @throws WatchError */
  take(value: unknown): Answer;
}

const OPTION = 'decide.answer';

/**
 * Reads the option `answer` of a question.
 * @throws OptionError
 */
export function wantedAnswer<Answer>(
  given: AnswerSchema<Answer> | JsonSchema,
): WantedAnswer<Answer> {
  const schema = isAnswerSchema(given) ? given : jsonAnswer<Answer>(given);
  return {
    shown: isAnswerSchema(given) ? shownOf(given) : given,
    take(value) {
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      throw new WatchError(
        'answer',
        `the model's answer does not match the schema: ${result.error.message} (${excerpt(value)})`,
      );
    },
  };
}

/** A JSON schema has no TypeScript type; the application names it. */
function jsonAnswer<Answer>(schema: JsonSchema): AnswerSchema<Answer> {
  const check = compileSchema(schema, OPTION);
  const rules = ['type', 'enum', 'const', 'properties', 'anyOf', 'oneOf', 'allOf', '$ref'];
  if (!rules.some((word) => word in schema))
    throw new OptionError(
      OPTION,
      schema,
      "give a zod schema, or a JSON schema: { type: 'boolean' }",
    );
  return {
    safeParse(value) {
      const message = check(value, 'it');
      return message === undefined
        ? { success: true, data: value as Answer }
        : { success: false, error: { message } };
    },
  };
}

function shownOf(schema: AnswerSchema<unknown>): JsonSchema | undefined {
  // Zod 4 and 3; any other object with `safeParse` does not reveal its schema.
  if (!('_zod' in schema) && !('_def' in schema)) return undefined;
  try {
    const zod = schema as Parameters<typeof llm.toJsonSchema>[0];
    const { $schema: _, ...shown } = llm.toJsonSchema(zod, false) as JsonSchema;
    return shown;
  } catch {
    // Some zod schemas, such as transforms, have no JSON schema.
    return undefined;
  }
}

function isAnswerSchema<Answer>(
  given: AnswerSchema<Answer> | JsonSchema | null | undefined,
): given is AnswerSchema<Answer> {
  return typeof given?.safeParse === 'function';
}

const excerpt = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, 80);
