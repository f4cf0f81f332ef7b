import { expect, test } from 'vitest';
import { engineLogs } from '../support/engine-logs.ts';

test.each(['index.ts', 'testing/index.ts'])(
  'an import of src/%s ends the log events of the native library',
  async (entry) => {
    const { said } = await engineLogs(`await import('./src/${entry}');`);
    expect(said).toEqual(['failed', false, true, null]);
  },
);
