import { randomUUID } from 'node:crypto';
import { llm } from '@livekit/agents';
import { type ReadWord, textOf } from './text-reader.ts';

/** Name of the tool that marks a place of the picture. */
const POINT = 'point';

/**
 * The call that marks what a question asks for, such as `Where is COFFEE?`: the words of the
 * question, or else all words. `undefined` if it asks for no place, if there is no such tool, or if
 * nothing was read.
 */
export function pointCall(
  question: string,
  words: readonly ReadWord[],
  toolCtx: llm.ToolContext | undefined,
): llm.FunctionCall | undefined {
  if (!toolCtx?.hasTool(POINT) || !/\bwhere\b/i.test(question) || words.length === 0)
    return undefined;
  const asked = question.toUpperCase().split(/[^A-Z0-9.:-]+/);
  const named = words.filter(({ text }) => asked.includes(text));
  const marked = named.length > 0 ? named : words;
  const x = Math.min(...marked.map(({ box }) => box.x));
  const y = Math.min(...marked.map(({ box }) => box.y));
  const args = {
    ...{ x, y },
    width: Math.max(...marked.map(({ box }) => box.x + box.width)) - x,
    height: Math.max(...marked.map(({ box }) => box.y + box.height)) - y,
    label: textOf(marked),
  };
  const callId = randomUUID();
  return llm.FunctionCall.create({ callId, name: POINT, args: JSON.stringify(args) });
}

/** What the tool answered, if this request follows its call. */
export function pointAnswer({ items }: llm.ChatContext): string | undefined {
  const last = items.at(-1);
  if (last?.type !== 'function_call_output' || last.name !== POINT) return undefined;
  return last.isError ? 'I cannot point at it' : String(JSON.parse(last.output));
}
