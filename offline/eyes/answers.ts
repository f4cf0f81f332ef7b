import { objectIn, one, plural } from '../objects.ts';
import { topicOf } from '../questions.ts';
import type { SeenObject, Sight } from './offline-eyes.ts';

/** What the stand-in says about itself. */
export const SELF =
  'I am a small offline stand-in, not a language model. I see people, faces, some objects, text, ' +
  'colours and brightness. Ask me what I see, what is written, or how many people there are.';

/** From this score on, an object is named without doubt. */
const SURE = 0.5;
/** Most words of a text that are read aloud. */
const MAX_WORDS = 30;
/** Average brightness below which a picture is dark, or dim. */
const DARK = 0.2;
const DIM = 0.38;
const BRIGHT = 0.65;

/** The answer to a question about a picture, in whole sentences. */
export function answerTo(question: string, sight: Sight): string {
  switch (topicOf(question)) {
    case 'self':
      return SELF;
    case 'text':
      return textSentence(sight) ?? 'I see no text that I can read.';
    case 'people':
      return peopleSentence(sight) ?? 'I see no people.';
    case 'objects':
      return objectAnswer(question, sight);
    case 'place':
      return placeAnswer(question, sight);
    case 'colours':
      return colourSentence(sight);
    case 'brightness':
      return brightnessSentence(sight);
    case 'scene':
      return scene(sight);
    case 'unknown':
      return `I did not understand the question. ${scene(sight)}`;
  }
}

function scene(sight: Sight): string {
  const sentences = [peopleSentence(sight), objectSentence(sight), textSentence(sight)];
  const found = sentences.filter((sentence) => sentence !== undefined);
  return [...found, colourSentence(sight)].join(' ');
}

function peopleSentence({ objects, faces }: Sight): string | undefined {
  const people = Math.max(faces.length, objects.filter(isPerson).length);
  if (people === 0) return undefined;
  const seen = faces.length === 0 ? 'no face' : counted(faces.length, 'face');
  return `I see ${counted(people, 'person')} and ${seen}.`;
}

function objectSentence({ objects }: Sight): string | undefined {
  const things = objects.filter((object) => !isPerson(object));
  const sure = counts(things.filter(isSure));
  const unsure = counts(things.filter((object) => !isSure(object)));
  const sentences = [
    ...(sure.length > 0 ? [`I see ${listed(sure)}.`] : []),
    ...(unsure.length > 0 ? [`There may be ${listed(unsure)}.`] : []),
  ];
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

function objectAnswer(question: string, sight: Sight): string {
  const name = objectIn(question);
  if (name === undefined) return objectSentence(sight) ?? 'I see no object that I know.';
  if (name === 'person') return peopleSentence(sight) ?? 'I see no people.';
  const objects = sight.objects.filter((object) => object.name === name);
  return objectSentence({ ...sight, objects }) ?? `I see no ${name}.`;
}

/** Where the named object is; the answer if no tool points at it. */
function placeAnswer(question: string, sight: Sight): string {
  const name = objectIn(question);
  const found = sight.objects.find((object) => object.name === name);
  if (!found) return name === undefined ? scene(sight) : `I see no ${name}.`;
  const { x, y, width, height } = found.box;
  const side = third(x + width / 2, ['left', 'middle', 'right']);
  const level = third(y + height / 2, ['top', 'middle', 'bottom']);
  const place = side === level ? 'in the middle' : `at the ${level} ${side}`;
  return `The ${found.name} is ${place} of the picture.`;
}

function third(share: number, names: readonly [string, string, string]): string {
  return names[Math.min(2, Math.floor(share * 3))] ?? names[1];
}

function textSentence({ words }: Sight): string | undefined {
  if (words.length === 0) return undefined;
  const read = words.slice(0, MAX_WORDS).map(({ text }) => text);
  const more = words.length - read.length;
  return `The text says: ${read.join(' ')}${more > 0 ? `, and ${counted(more, 'more word')}` : ''}.`;
}

function colourSentence({ colours }: Sight): string {
  return colours.length === 0
    ? 'No colour is stronger than the others.'
    : `The picture is mostly ${listed(colours)}.`;
}

function brightnessSentence({ brightness }: Sight): string {
  if (brightness < DARK) return 'The picture is dark.';
  if (brightness < DIM) return 'The picture is rather dark.';
  return brightness < BRIGHT ? 'The brightness is good.' : 'The picture is bright.';
}

const isPerson = ({ name }: SeenObject): boolean => name === 'person';

const isSure = ({ score }: SeenObject): boolean => score >= SURE;

/** Each kind once, with its number. */
function counts(objects: readonly SeenObject[]): string[] {
  const kinds = new Map<string, number>();
  for (const { name } of objects) kinds.set(name, (kinds.get(name) ?? 0) + 1);
  return [...kinds].map(([name, count]) => counted(count, name));
}

function counted(count: number, name: string): string {
  return count === 1 ? one(name) : `${count} ${plural(name)}`;
}

function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
