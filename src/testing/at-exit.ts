const works = new Set<() => void>();

function doAll(): void {
  for (const work of works) work();
}

/**
 * Runs the function when the process ends, unless the returned function is called first. All
 * functions share one listener, because Node.js warns of a leak at the eleventh.
 */
export function atExit(work: () => void): () => void {
  if (works.size === 0) process.on('exit', doAll);
  works.add(work);
  return () => {
    works.delete(work);
    if (works.size === 0) process.off('exit', doAll);
  };
}
