type Phrase = readonly [phrase: RegExp, instead: string];

/** Phrases that a reader has to read twice, and what to write instead. */
const UNWANTED: readonly Phrase[] = [
  [/\b(some|no|any|every)body\b/gi, 'name the person or the thing'],
  [/\bwhoever\b/gi, 'name the person or the thing'],
  [/\b(tells?|told|telling)\b/gi, 'report, show, distinguish'],
  [/\brid(es?|ing) on\b/gi, 'is sent with'],
  [/\bmend(s|ed|ing)?\b/gi, 'fix, prevent'],
  [/\bbeside the (Python )?framework\b/gi, 'Comparison'],
  [/\bwhere (it|that|this|there|a|an|no|one|nothing)\b/gi, 'if'],
  [/\banew\b/gi, 'again'],
  [/\bdeeds?\b/gi, 'operations'],
  [/\bof its own accord\b/gi, 'by itself'],
  [/\ball the same\b/gi, 'nevertheless'],
  [/\bfor ever\b/gi, 'without end'],
  [/\b(its|my|our|agent's) eyes\b/gi, 'video'],
];
/** The code draws faces and names participants so: only documents avoid the word for an avatar. */
const UNWANTED_IN_DOCUMENTS: readonly Phrase[] = [
  ...UNWANTED,
  [/\b(the|its|your|agent's) face\b/gi, 'avatar'],
];

/** Each unwanted phrase in a text, with what to write instead. */
export const unwantedIn = (text: string, { inDocument = false } = {}): string[] =>
  (inDocument ? UNWANTED_IN_DOCUMENTS : UNWANTED).flatMap(([phrase, instead]) =>
    (text.match(phrase) ?? []).map((words) => `"${words}": write ${instead}`),
  );
