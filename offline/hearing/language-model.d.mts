/** A language model as a file of the ARPA format, from sentences with their weights. */
export function languageModel(sentences: readonly (readonly [string, number])[]): string;
