// How likely a word is after the two words before it, from example sentences, as a file of the ARPA
// format. Unlike a fixed grammar it also takes sentences that are not among the examples.

/** Weight of words that never followed the ones before: more accepts freer sentences, and errs more. */
const UNSEEN = 0.3;

/** @param sentences Pairs of a sentence and its weight. */
export function languageModel(sentences) {
  const counts = [new Map(), new Map(), new Map()];
  for (const [sentence, weight] of sentences) {
    const words = ['<s>', ...sentence.split(' '), '</s>'];
    for (let end = 1; end <= words.length; end += 1)
      counts.forEach((count, more) => {
        if (end <= more) return;
        const key = words.slice(end - 1 - more, end).join(' ');
        count.set(key, (count.get(key) ?? 0) + weight);
      });
  }
  const [single, pairs, triples] = counts;
  const after = [undefined, followers(pairs), followers(triples)];
  const total = [...single].reduce((sum, [word, count]) => sum + (word === '<s>' ? 0 : count), 0);

  const probability = (words) => {
    const [last] = words.slice(-1);
    if (words.length === 1) return (single.get(last) + 0.5) / (total + single.size / 2);
    const known = after[words.length - 1].get(words.slice(0, -1).join(' '));
    const shorter = probability(words.slice(1));
    if (!known) return shorter;
    const spare = UNSEEN * known.different;
    const count = counts[words.length - 1].get(words.join(' ')) ?? 0;
    return (count + spare * shorter) / (known.count + spare);
  };
  /** What the words before leave for words that never followed them. */
  const rest = (key, more) => {
    const known = after[more]?.get(key);
    return known ? (UNSEEN * known.different) / (known.count + UNSEEN * known.different) : 1;
  };
  const sections = counts.map((count, more) => {
    const lines = [...count.keys()].map((key) => {
      const likely = key === '<s>' ? '-99' : log(probability(key.split(' ')));
      return more === 2 ? `${likely} ${key}` : `${likely} ${key} ${log(rest(key, more + 1))}`;
    });
    return `\\${more + 1}-grams:\n${lines.join('\n')}\n`;
  });
  const sizes = counts.map(({ size }, more) => `ngram ${more + 1}=${size}`);
  return ['\\data\\', ...sizes, '', ...sections, '\\end\\', ''].join('\n');
}

/** Of each beginning: how often it occurs, and how many different words follow. */
function followers(counts) {
  const all = new Map();
  for (const [key, count] of counts) {
    const beginning = key.slice(0, key.lastIndexOf(' '));
    const known = all.get(beginning) ?? { count: 0, different: 0 };
    all.set(beginning, { count: known.count + count, different: known.different + 1 });
  }
  return all;
}

const log = (probability) => Math.log10(Math.max(probability, 1e-10)).toFixed(4);
