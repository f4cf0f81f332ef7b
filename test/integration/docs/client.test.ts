import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

test('the React example of the docs is the one that the browser test runs', async () => {
  const [docs, run] = await Promise.all([
    read('../../../docs/client.md'),
    read('../../support/client/page/agent-view.tsx'),
  ]);
  expect(/```tsx\n(.*?)```/s.exec(docs)?.[1]).toBe(run);
});
