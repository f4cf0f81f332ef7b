import { llm } from '@livekit/agents';
import type { FrameRef } from '../frame.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { TiledImage } from '../frames/tiles.ts';
import { followRequests, withdrawPicture } from '../internals/withdrawn-picture.ts';

/** A picture and the frame that it was made of. */
export interface Picture {
  readonly ref: FrameRef;
  readonly image: TiledImage;
}

/** The pictures of a turn. */
export interface TurnShow {
  /** Pictures from during the turn, oldest first. */
  readonly earlier: readonly Picture[];
  /** The newest picture of each source. */
  readonly newest: readonly Picture[];
}

/** The name of a frame's source in texts for the model. */
export const nameOf = ({ source }: Pick<FrameRef, 'source'>): string =>
  source === 'unknown' ? 'video' : source;

/** The time of day as a model reads it, such as `14:03:05 UTC`; of ms since the epoch. */
export const utcTime = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

/** Marks the pictures that Sightline added to a conversation; the user's own stay untouched. */
const ID_PREFIX = 'sightline_';

const picturesSeen = new WeakMap<llm.ImageContent, FrameRef>();
/** The pictures that are tiles. They follow the overview of their screen, and have its id. */
const tilesSeen = new WeakSet<llm.ImageContent>();

/** A picture for a chat message that {@link keepNewestPictures} recognizes. */
export function turnPicture(
  dataUrl: string,
  mimeType: string,
  frame: FrameRef,
  detail: 'auto' | 'high' | 'low',
): llm.ImageContent {
  followRequests();
  const content = llm.createImageContent({
    id: `${ID_PREFIX}${frame.trackSid}_${frame.id}`,
    image: dataUrl,
    mimeType,
    inferenceDetail: detail,
  });
  picturesSeen.set(content, frame);
  return content;
}

/** The label of a picture of this name. That of an overview is not the one of its tiles. */
export const labelOf = (name: string, { tiles }: TiledImage): string =>
  tiles ? `${name}, overview: places and regions refer to this picture` : name;

/**
 * The pictures of a turn, oldest first. If there are several, each is labelled with its source and
 * time; a single picture has no label. Labels are numbered, because OpenAI's format puts all
 * pictures of a message first and the texts after them.
 */
export function showContent(
  { earlier, newest }: TurnShow,
  options: { detail: 'auto' | 'high' | 'low'; isLabelled: boolean },
  onPicture: (ref: FrameRef, picture: llm.ImageContent) => void = () => {},
): llm.ChatContent[] {
  const all = [...earlier, ...newest];
  const isLabelled =
    options.isLabelled || earlier.length > 0 || all.some(({ image }) => image.tiles);
  const now = Math.max(...newest.map(({ ref }) => ref.receivedAt));
  const when = ({ receivedAt }: FrameRef) => {
    if (earlier.length === 0) return '';
    const seconds = (now - receivedAt) / 1000;
    return seconds < 0.05 ? ', now' : `, ${seconds.toFixed(1)} s earlier`;
  };
  let number = 0;
  return all.flatMap(({ ref, image }) => {
    const whole = { ...image, label: labelOf(`${nameOf(ref)}${when(ref)}`, image) };
    return [whole, ...(image.tiles ?? [])].flatMap((one, index) => {
      const picture = turnPicture(toDataUrl(one), one.mimeType, ref, options.detail);
      if (index > 0) tilesSeen.add(picture);
      onPicture(ref, picture);
      number += 1;
      return isLabelled ? [`picture ${number}: ${one.label}`, picture] : [picture];
    });
  });
}

/**
 * The context with this turn's pictures in its message, and with the allowed number of old ones.
 */
export function withTurnPictures(
  context: llm.ChatContext,
  message: llm.ChatMessage,
  content: readonly llm.ChatContent[],
  keep: number,
): llm.ChatContext {
  const turn = withContent(message, content);
  const copy = keepNewestPictures(context, keep, turn);
  copy.items = copy.items.map((item) => (item.id === turn.id ? turn : item));
  return copy;
}

/** A copy of the message with more content. */
export function withContent(
  message: llm.ChatMessage,
  content: readonly llm.ChatContent[],
): llm.ChatMessage {
  return replaceContent(message, [...message.content, ...content]);
}

/**
 * A copy of the context with at most `keep` pictures of turns, the newest ones. A line of text with
 * time and source replaces each older one. The current turn's pictures all stay, and count. A screen
 * and its tiles are one picture.
 */
export function keepNewestPictures(
  context: llm.ChatContext,
  keep: number,
  turn?: llm.ChatMessage,
): llm.ChatContext {
  const copy = context.copy();
  const old = oldPictures(copy.items, keep, turn);
  copy.items = copy.items.map((item) => {
    if (item.type !== 'message' || !item.content.some((part) => old.has(part))) return item;
    return replaceContent(item, withoutOld(item.content, old));
  });
  return copy;
}

/**
 * Like {@link keepNewestPictures}, for the history itself: messages are changed in place, because
 * the agent's context and the session's history share them.
 */
export function forgetOldPictures(
  items: readonly llm.ChatItem[],
  keep: number,
  turn?: llm.ChatMessage,
): void {
  const old = oldPictures(items, keep, turn);
  for (const item of items)
    if (item.type === 'message' && item.content.some((part) => old.has(part)))
      item.content.splice(0, item.content.length, ...withoutOld(item.content, old));
}

/** The content with a line of text for each old picture, without its tiles and their labels. */
function withoutOld(
  content: readonly llm.ChatContent[],
  old: ReadonlySet<llm.ChatContent>,
): llm.ChatContent[] {
  const oldIds = new Set(content.filter(isPicture).flatMap((one) => (old.has(one) ? one.id : [])));
  const isOldTile = (part: llm.ChatContent | undefined) =>
    typeof part === 'object' && isTile(part) && oldIds.has(part.id);
  return content
    .filter((part, at) => !isOldTile(typeof part === 'string' ? content[at + 1] : part))
    .map((part) => (isPicture(part) && old.has(part) ? placeholder(part) : part));
}

/** The pictures of earlier turns beyond `keep`, which includes this turn's own. */
function oldPictures(
  items: readonly llm.ChatItem[],
  keep: number,
  turn?: llm.ChatMessage,
): Set<llm.ChatContent> {
  const ofTurns = (item: llm.ChatItem) =>
    item.type === 'message' ? item.content.filter((part) => isOfTurn(part) && !isTile(part)) : [];
  const current = turn ? ofTurns(turn) : [];
  const earlier = items.filter((item) => item.id !== turn?.id).flatMap(ofTurns);
  const left = Math.max(0, keep - current.length);
  return new Set(earlier.slice(0, Math.max(0, earlier.length - left)));
}

/** Removes a withdrawn picture from each request and history that contains it. */
export function withdrawTurnPicture(picture: llm.ImageContent): void {
  withdrawPicture(picture, placeholder(picture));
}

/** Whether the model should continue after a tool's answer and its pictures. */
export function isToolFollowUp({ items }: llm.ChatContext): boolean {
  const isPictures = (item: llm.ChatItem) => item.type === 'message' && item.content.some(isOurs);
  return items.findLast((item) => !isPictures(item))?.type === 'function_call_output';
}

/** Number of pictures in a context, Sightline's or not. */
export function countPictures(context: llm.ChatContext): number {
  return context.items.reduce(
    (sum, item) => sum + (item.type === 'message' ? item.content.filter(isPicture).length : 0),
    0,
  );
}

const isPicture = (part: llm.ChatContent): part is llm.ImageContent =>
  typeof part === 'object' && part.type === 'image_content';

const isTile = (part: llm.ChatContent): part is llm.ImageContent =>
  isPicture(part) && tilesSeen.has(part);

const isOurs = (part: llm.ChatContent): part is llm.ImageContent =>
  isPicture(part) && part.id.startsWith(ID_PREFIX);

/** Pictures that an agent's own `onUserTurnCompleted` added to a turn instead of Sightline's. */
const ofHooks = new WeakSet<llm.ImageContent>();

/**
 * Marks the pictures of this message as its turn's own: the agent's hook added them.
 * @returns whether there are any.
 */
export function claimTurnPictures(message: llm.ChatMessage): boolean {
  const pictures = message.content.filter(isPicture);
  for (const picture of pictures) ofHooks.add(picture);
  return pictures.length > 0;
}

/** Whether the agent's own hook added the picture of this turn. */
export const hasPictureOfHook = (message: llm.ChatMessage): boolean =>
  message.content.some(isOfHook);

const isOfHook = (part: llm.ChatContent): part is llm.ImageContent =>
  isPicture(part) && ofHooks.has(part);

const isOfTurn = (part: llm.ChatContent): part is llm.ImageContent =>
  isOurs(part) || isOfHook(part);

/** The frame of a picture that Sightline added; `undefined` for any other picture. */
export const frameOf = (picture: llm.ImageContent): FrameRef | undefined =>
  picturesSeen.get(picture);

function placeholder(picture: llm.ImageContent): string {
  const frame = frameOf(picture);
  if (isTile(picture)) return '[no longer shown]';
  if (!frame) return '[an earlier picture, no longer shown]';
  return `[a picture of the ${nameOf(frame)} at ${utcTime(frame.receivedAt)}, no longer shown]`;
}

function replaceContent(message: llm.ChatMessage, content: llm.ChatContent[]): llm.ChatMessage {
  return llm.ChatMessage.create({
    id: message.id,
    role: message.role,
    content,
    interrupted: message.interrupted,
    createdAt: message.createdAt,
    metrics: message.metrics,
    extra: message.extra,
    ...(message.transcriptConfidence === undefined
      ? {}
      : { transcriptConfidence: message.transcriptConfidence }),
  });
}
