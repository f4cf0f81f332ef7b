import { afterAll } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';

/** A camera for all tests of a file, which closes after the last one. */
export function fileCamera(...options: ConstructorParameters<typeof TestCamera>): TestCamera {
  const camera = new TestCamera(...options);
  afterAll(() => camera.close());
  return camera;
}
