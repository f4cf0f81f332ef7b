import patterns from './hearing/question-patterns.json' with { type: 'json' };
import { OBJECT_WORDS, objectIn, one, plural } from './objects.ts';

/** What a question is about. */
export type Topic =
  | 'scene'
  | 'objects'
  | 'text'
  | 'people'
  | 'colours'
  | 'brightness'
  | 'place'
  | 'self'
  | 'unknown';

/** The topics of a question, the most certain first: each is known by its words. */
const WORDS: readonly (readonly [Topic, RegExp])[] = [
  ['place', /\b(where(?! are you)|point|show me (the|my))\b/],
  [
    'text',
    /\b(read|says?|written|printed|text|words?|letters?|numbers?|sign|label|title|headline|writing)\b/,
  ],
  ['colours', /\b(colou?rs?|red|green|blue|yellow|orange|white|black|grey|brown|pink|purple)\b/],
  ['brightness', /\b(dark|bright|brightness|light|day or night)\b/],
  ['self', /\b(are you(?! (what|who|how)\b)|model|your name|you do|you work|able to|can i ask)\b/],
  [
    'people',
    /\b(people|persons?|faces?|anybody|anyone|somebody|someone|who|alone|see me|am i in|of us)\b/,
  ],
  ['objects', /\b(objects?|things?|holding|wearing|which)\b/],
  ['scene', /\b(what|see|look|looking|describe|picture|image|anything|something)\b/],
];

/** Alone, these words are about the agent; beside a question, they are not. */
const COURTESY = /\b(hear me|help me|hello|thank)\b/;

/** Questions in which the words would mislead. */
const SCENE = /\b(looking at|going on)\b/;

/** What a question is about, typed or recognised. */
export function topicOf(question: string): Topic {
  const words = question.toLowerCase();
  if (SCENE.test(words)) return 'scene';
  const topic = WORDS.find(([, pattern]) => pattern.test(words))?.[0];
  if (topic && topic !== 'scene') return topic;
  if (objectIn(words)) return 'objects';
  return topic ?? (COURTESY.test(words) ? 'self' : 'unknown');
}

const CLASSES = {
  OBJECT: OBJECT_WORDS,
  /** With an article. */
  ONE: OBJECT_WORDS.map(one),
  MANY: OBJECT_WORDS.map(plural),
  COLOUR: 'red green blue yellow orange white black grey brown pink purple'.split(' '),
} as const;

/**
 * All example sentences for the recogniser, each with its weight. In a pattern, `(a|b|)` has
 * alternatives, and the name of a class stands for each of its members.
 */
export function sentences(): [sentence: string, weight: number][] {
  return patterns.flatMap((pattern) => {
    const forms = alternatives(pattern);
    // A pattern with many forms counts more, but not in proportion to them.
    const weight = 4 / Math.sqrt(forms.length);
    return forms.flatMap((form) => {
      const filled = withClasses(form).flatMap(spoken);
      return filled.map((text): [string, number] => [text, weight / filled.length]);
    });
  });
}

function alternatives(pattern: string): string[] {
  const [group, choices] = /\(([^()]*)\)/.exec(pattern) ?? [];
  if (group === undefined || choices === undefined) return [pattern.replace(/ +/g, ' ').trim()];
  return choices.split('|').flatMap((choice) => alternatives(pattern.replace(group, choice)));
}

function withClasses(sentence: string): string[] {
  const found = Object.entries(CLASSES).find(([name]) => sentence.includes(name));
  if (!found) return [sentence];
  const [name, members] = found;
  return members.map((member) => sentence.replace(name, member));
}

/** A sentence as people say it: `what is` and `what's`. */
function spoken(sentence: string): string[] {
  const short = sentence.replace(/\b(what|where|who) is\b/, "$1's");
  return short === sentence ? [sentence] : [sentence, short];
}
