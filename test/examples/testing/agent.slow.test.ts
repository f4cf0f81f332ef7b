// The tests of the example, with the sources instead of the package.
import '../../../examples/testing/agent.test.ts';
