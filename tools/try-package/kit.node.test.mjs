import { after, test } from 'node:test';
import { dispose } from '@livekit/rtc-node';
import { checkKit } from './kit.mjs';

after(() => dispose());

test('sightline/testing works in node:test', () =>
  checkKit(new URL('./testing/coffee.jpg', import.meta.url)));
