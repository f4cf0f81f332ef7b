// The tests of the example, with the sources instead of the package.
import '../../support/quiet.ts';
import '../../../examples/testing/agent.test.ts';
