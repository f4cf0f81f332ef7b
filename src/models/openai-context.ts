import type { llm } from '@livekit/agents';

/** Begins the id of each item that Sightline adds to OpenAI's conversation. */
export const ID_PREFIX = 'sightline_';

/**
 * A context with the server's current pictures before the new items. It was made before the newest
 * picture, and the plugin would delete what it lacks.
 */
export function withPictures(context: llm.ChatContext, server: llm.ChatContext): llm.ChatContext {
  const isOurs = ({ id }: llm.ChatItem) => id.startsWith(ID_PREFIX);
  const known = new Set(server.items.map(({ id }) => id));
  const last = context.items.at(-1);
  if (!last || known.has(last.id)) return context;
  // Another agent's context replaces this one, and its pictures are deleted too.
  const goesOn = context.items.some(({ id }) => known.has(id)) || server.items.every(isOurs);
  if (!goesOn) return context;
  const copy = context.copy();
  const kept = copy.items.filter((item) => !isOurs(item) || known.has(item.id));
  const added = server.items.filter(
    (item) => isOurs(item) && !kept.some(({ id }) => id === item.id),
  );
  const firstNew = kept.findIndex((item) => !known.has(item.id));
  copy.items = [...kept.slice(0, firstNew), ...added, ...kept.slice(firstNew)];
  return copy;
}
