import { afterAll, afterEach, expect, test } from 'vitest';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { endStages, rejection, setStage } from '../support/loopback.ts';

const camera = new TestCamera();
afterEach(endStages);
afterAll(() => camera.close());

test('a start that fails keeps its error, without the token that the server quotes', async () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
  const stage = setStage(camera);
  const error = new TypeError(`401 Unauthorized - invalid token: ${token}, error: go-jose`);
  stage.session.start = () => Promise.reject(error);
  expect(await rejection(stage.start())).toBe(error);
  expect(error.message).toBe('401 Unauthorized - invalid token: [redacted], error: go-jose');
  expect(error.stack).not.toContain(token);
});
