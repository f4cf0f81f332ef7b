import { llm } from '@livekit/agents';

/** A content of Gemini's wire form, as far as it is used. */
interface Content {
  role: string;
  parts: object[];
}

let isDone = false;

/**
 * Has the framework give Gemini a picture that follows a tool's answer in a content of its own. It
 * joins both in one, and Gemini refuses pictures beside a `functionResponse`. What is sent is made
 * deep inside the plugin, of a history that outlives the tool call, so it is mended there: for all
 * contexts of this process. Idempotent.
 */
export function givePicturesAContentOfTheirOwn(): void {
  if (isDone) return;
  isDone = true;
  const { prototype } = llm.ChatContext;
  const original = prototype.toProviderFormat;
  prototype.toProviderFormat = async function (this: llm.ChatContext, format, ...others) {
    const made = await original.call(this, format, ...others);
    // Of a format that is not known here, or of another version: nothing is changed.
    if (format !== 'google' || !Array.isArray(made) || !Array.isArray(made[0])) return made;
    const [turns] = made as unknown as [Content[]];
    turns.splice(0, turns.length, ...turns.flatMap(separated));
    return made;
  };
}

function separated(content: Content): Content[] {
  const { role, parts } = content;
  if (!Array.isArray(parts)) return [content];
  const answers = parts.filter((part) => 'functionResponse' in part);
  const others = parts.filter((part) => !('functionResponse' in part));
  const isMixed = answers.length > 0 && others.some((part) => 'inlineData' in part);
  return isMixed
    ? [
        { role, parts: answers },
        { role, parts: others },
      ]
    : [content];
}
