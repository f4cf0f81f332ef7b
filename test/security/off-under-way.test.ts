import { testOffs } from '../support/security/off-tests.ts';

// As off-under-way.slow.test.ts, in the time of the quick tests.
testOffs(80);
