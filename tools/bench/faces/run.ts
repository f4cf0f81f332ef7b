import { median, rounded } from '../../../src/testing/measure/stats.ts';
import { LineChild } from '../../../src/testing/processes/line-child.ts';
import type { FaceFigures } from '../result.ts';
import type { FaceReply } from './program.ts';

/** Each of the photographs several times. */
const FRAMES = 30;
/** Limit of a frame, in ms. The first one waits for the model. */
const LIMIT_MS = 120_000;

/** How long `hideFaces` blocks the event loop for a frame, and how long it is blocked without work. */
export async function benchFaces(): Promise<FaceFigures> {
  const child = LineChild.startNode('faces', new URL('./program.ts', import.meta.url));
  try {
    const replies: FaceReply[] = [];
    while (replies.length < FRAMES) replies.push(await child.ask<FaceReply>('frame', LIMIT_MS));
    const middle = (of: (reply: FaceReply) => number) => rounded(median(replies.map(of)), 2);
    return {
      frames: replies.length,
      wallMs: middle(({ faces }) => faces.wallMs),
      blockedMs: middle(({ faces }) => faces.blockedMs),
      idleMs: middle(({ idle }) => idle.blockedMs),
    };
  } finally {
    await child.end();
  }
}
