import { writeFile } from 'node:fs/promises';
import { Ball } from '../../src/testing/camera/ball.ts';
import { renderScene } from '../../src/testing/camera/scene.ts';

const SIZE = { width: 1280, height: 720 };
const FPS = 10;
/** The browser repeats the file. */
const FRAMES = 20;

/** Writes what the demo's camera shows as a file that Chromium takes for its camera. */
export async function writeCameraFile(file: string, text: string): Promise<void> {
  const scene = await renderScene({ ...SIZE, text, style: 'person' });
  const pixels = Uint8Array.from(scene.picture.data);
  const ball = new Ball(scene, pixels);
  const parts = [Buffer.from(`YUV4MPEG2 W${SIZE.width} H${SIZE.height} F${FPS}:1 Ip C420jpeg\n`)];
  for (let frame = 0; frame < FRAMES; frame++) {
    ball.moveTo(frame / FPS);
    parts.push(Buffer.from('FRAME\n'), Buffer.from(pixels));
  }
  await writeFile(file, Buffer.concat(parts));
}
