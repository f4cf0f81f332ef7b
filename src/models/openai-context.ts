import { llm } from '@livekit/agents';

/** Begins the id of each item that Sightline adds to OpenAI's conversation. */
export const ID_PREFIX = 'sightline_';

/**
 * A context with the items that the conversation got since its ids were `before`, such as a spoken
 * question: the context lacks them only because it is older, and the plugin would delete them. They
 * stand before the context's new items: otherwise the plugin would write them again after those,
 * and the model would answer them again. Pictures have their own place: {@link withPictures}.
 */
export function withNewer(
  context: llm.ChatContext,
  conversation: llm.ChatContext,
  before: ReadonlySet<string>,
): llm.ChatContext {
  const known = new Set([...before, ...idsOf(context)]);
  const newer = conversation.items.filter(({ id }) => !known.has(id) && !id.startsWith(ID_PREFIX));
  if (newer.length === 0) return context;
  const { items } = context;
  const written = idsOf(conversation);
  const lastWritten = items.findLastIndex(({ id }) => written.has(id));
  // Of a context that is not written at all, only the last item is new: the others are history.
  const firstNew = lastWritten < 0 ? items.length - 1 : lastWritten + 1;
  return new llm.ChatContext([...items.slice(0, firstNew), ...newer, ...items.slice(firstNew)]);
}

/** The ids of the conversation when a context was made whole. */
const madeWhole = new WeakMap<llm.ChatContext, ReadonlySet<string>>();

/** A context with all that the conversation got since its ids were `before`. */
export function whole(
  context: llm.ChatContext,
  conversation: llm.ChatContext,
  before: ReadonlySet<string>,
): llm.ChatContext {
  const made = withPictures(withNewer(context, conversation, before), conversation);
  madeWhole.set(made, idsOf(conversation));
  return made;
}

/** The context that was made {@link whole}, with what came while it waited to be written. */
export function stillWhole(
  context: llm.ChatContext,
  conversation: llm.ChatContext,
): llm.ChatContext {
  const before = madeWhole.get(context);
  return before ? whole(context, conversation, before) : context;
}

export const idsOf = ({ items }: llm.ChatContext): ReadonlySet<string> =>
  new Set(items.map(({ id }) => id));

/**
 * A context with the server's current pictures before the new items. It was made before the newest
 * picture, and the plugin would delete what it lacks.
 */
export function withPictures(context: llm.ChatContext, server: llm.ChatContext): llm.ChatContext {
  const isOurs = ({ id }: llm.ChatItem) => id.startsWith(ID_PREFIX);
  const known = new Set(server.items.map(({ id }) => id));
  if (context.items.every(({ id }) => known.has(id))) return context;
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
