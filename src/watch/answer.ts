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

/** What a question's answer has to be. */
export interface WantedAnswer<Answer> {
  /** What a model is shown; `undefined` where the schema cannot be shown. */
  readonly shown: JsonSchema | undefined;
  /** The answer, once it is what was asked for. @throws WatchError */
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
        `the model's answer is not what was asked for: ${result.error.message} (${excerpt(value)})`,
      );
    },
  };
}

/** A JSON schema has no type of its own: the application names it. */
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
  // Of zod 4 and 3; anything else with a `safeParse` tells nothing.
  if (!('_zod' in schema) && !('_def' in schema)) return undefined;
  try {
    const zod = schema as Parameters<typeof llm.toJsonSchema>[0];
    const { $schema: _, ...shown } = llm.toJsonSchema(zod, false) as JsonSchema;
    return shown;
  } catch {
    // Zod has schemas that JSON has no words for, such as transforms.
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
