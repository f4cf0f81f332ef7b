import { llm } from '@livekit/agents';

/** The used part of a content in Gemini's wire format. */
interface Content {
  role: string;
  parts: object[];
}

type ToProviderFormat = typeof llm.ChatContext.prototype.toProviderFormat;

/** The function that makes a separate content, once it is in place. */
let separating: ToProviderFormat | undefined;

/**
 * Makes the framework send a picture that follows a tool's answer as a separate content. It merges
 * both into one, and Gemini refuses pictures next to a `functionResponse`. The request is built
 * inside the plugin from a history that outlives the tool call, so the fix applies to all contexts
 * of this process. Idempotent.
 */
export function givePicturesAContentOfTheirOwn(): void {
  const { prototype } = llm.ChatContext;
  const original = prototype.toProviderFormat;
  if (original === separating) return;
  prototype.toProviderFormat = async function (this: llm.ChatContext, format, ...others) {
    const made = await original.call(this, format, ...others);
    // A format that is unknown here, or of another version, stays unchanged.
    if (format !== 'google' || !Array.isArray(made) || !Array.isArray(made[0])) return made;
    const [turns] = made as unknown as [Content[]];
    turns.splice(0, turns.length, ...turns.flatMap(separated));
    return made;
  };
  separating = prototype.toProviderFormat;
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
