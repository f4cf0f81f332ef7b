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
    ...{ television: 'tv', sofa: 'couch', computer: 'laptop' },
    ...{ man: 'person', woman: 'person', child: 'person' },
  }),
);

function named(words: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, word]));
}

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  man: 'men',
  woman: 'women',
  child: 'children',
  knife: 'knives',
  mouse: 'mice',
  sheep: 'sheep',
  broccoli: 'broccoli',
  scissors: 'scissors',
  skis: 'skis',
};

export const plural = (name: string): string =>
  IRREGULAR[name] ?? (/(s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`);

/** A noun with its article, such as `an apple`. */
export const one = (name: string): string => `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;

/** The words for objects, each as a singular. */
export const OBJECT_WORDS: readonly string[] = [...OBJECTS.keys()];

const NAMES = new Map([
  ...OBJECTS,
  ...[...OBJECTS].map(([word, name]): [string, string] => [plural(word), name]),
  ['scissors', 'scissors'],
]);

/** A place: `on the table` asks for what is there, not for the table. */
const PLACE = /\b(on|in|under|behind|beside|of|next to) (the|my|a|this|that|your) [a-z]+/g;

/** The object that a question names, as the eyes name it. */
export function objectIn(question: string): string | undefined {
  const words = question
    .toLowerCase()
    .replaceAll(PLACE, '')
    .split(/[^a-z]+/);
  const word = words.find((each) => NAMES.has(each));
  return word === undefined ? undefined : NAMES.get(word);
}
