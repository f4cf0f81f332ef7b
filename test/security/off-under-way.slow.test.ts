import { testOffs } from '../support/security/off-tests.ts';

/** Each run has another seed. docs/security.md names the command with 10,000 offs. */
testOffs(Number(process.env.SIGHTLINE_OFFS ?? 800));
