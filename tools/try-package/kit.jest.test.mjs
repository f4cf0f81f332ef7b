/* global afterAll, test */
import { dispose } from '@livekit/rtc-node';
import { checkKit } from './kit.mjs';

afterAll(() => dispose());

test('sightline/testing works in jest', () =>
  checkKit(new URL('./testing/coffee.jpg', import.meta.url)));
