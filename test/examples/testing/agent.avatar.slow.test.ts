// The tests of the example, with the sources instead of the package.
import '../../../examples/testing/avatar.test.ts';
