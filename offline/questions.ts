import patterns from './hearing/question-patterns.json' with { type: 'json' };

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
  ['text', /\b(read|says?|written|printed|text|words?|letters?|numbers?|sign|label)\b/],
  ['colours', /\b(colou?rs?|red|green|blue|yellow|orange|white|black|grey|brown|pink|purple)\b/],
  ['brightness', /\b(dark|bright|brightness|light|day or night)\b/],
  ['self', /\b(are you|model|your name|you do|you work|able to|can i ask)\b/],
  [
    'people',
    /\b(people|persons?|faces?|anybody|anyone|somebody|someone|who|alone|see me|am i in)\b/,
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

/** The object that a question names, as the eyes name it. */
export function objectIn(question: string): string | undefined {
  const words = question.toLowerCase().split(/[^a-z]+/);
  const word = words.find((each) => OBJECTS.has(each));
  return word && OBJECTS.get(word);
}

/** Words for the objects that the eyes know, and the name that the eyes give them. */
const OBJECTS = new Map(
  Object.entries({
    ...named(
      'person bicycle car motorcycle airplane bus train truck boat bench bird cat dog horse sheep cow',
    ),
    ...named('elephant bear umbrella backpack tie suitcase kite skateboard bottle cup fork knife'),
    ...named('spoon bowl banana apple sandwich orange broccoli carrot pizza cake chair couch bed'),
    ...named('toilet laptop mouse keyboard microwave oven toaster sink book clock vase toothbrush'),
    ...{ bike: 'bicycle', plane: 'airplane', mug: 'cup', glass: 'wine glass', bag: 'handbag' },
    ...{ ball: 'sports ball', phone: 'cell phone', table: 'dining table', plant: 'potted plant' },
    ...{ television: 'tv', sofa: 'couch', computer: 'laptop', scissors: 'scissors' },
    ...{ people: 'person', men: 'person', man: 'person', woman: 'person', child: 'person' },
    ...{ bicycles: 'bicycle', cars: 'car', birds: 'bird', cats: 'cat', dogs: 'dog' },
    ...{ horses: 'horse', bottles: 'bottle', glasses: 'wine glass', cups: 'cup', forks: 'fork' },
    ...{ knives: 'knife', spoons: 'spoon', bowls: 'bowl', bananas: 'banana', apples: 'apple' },
    ...{ oranges: 'orange', chairs: 'chair', laptops: 'laptop', phones: 'cell phone' },
    ...{ books: 'book', clocks: 'clock', plants: 'potted plant', tables: 'dining table' },
  }),
);

function named(words: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, word]));
}

const CLASSES = {
  OBJECT: [...OBJECTS.keys()],
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
      const filled = withClasses(form);
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
