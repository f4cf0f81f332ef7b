import { testOffs } from '../support/security/off-tests.ts';

testOffs(10_000);
