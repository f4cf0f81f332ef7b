import { afterAll } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';

/** One camera for all tests of a file. It closes after the last one. */
export function fileCamera(...options: ConstructorParameters<typeof TestCamera>): TestCamera {
  const camera = new TestCamera(...options);
  afterAll(() => camera.close());
  return camera;
}
