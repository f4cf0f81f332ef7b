import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { type TextBox, textInBox } from './letters.ts';

/** A person who holds up a sheet, a slide of a talk, or a page of a document. */
export type SceneStyle = 'person' | 'slide' | 'document';

export interface SceneOptions {
  readonly width: number;
  readonly height: number;
  readonly text: string;
  readonly style: SceneStyle;
}

/** The track of the moving ball, in pixels, and its colour. The ball never touches the text. */
interface BallTrack {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly color: { readonly y: number; readonly u: number; readonly v: number };
}

export interface Scene {
  /** The picture without the ball, I420. */
  readonly picture: VideoFrame;
  readonly track: BallTrack;
}

/** Scenes are drawn on this canvas and scaled to the requested size. */
const CANVAS = { width: 1280, height: 720 };

interface Drawing {
  readonly svg: string;
  readonly textBox: TextBox;
  readonly ball: TextBox;
  readonly color: BallTrack['color'];
}

/** Draws a scene once; frames are then made by moving its ball (`ball.ts`). */
export async function renderScene({ width, height, text, style }: SceneOptions): Promise<Scene> {
  const { svg, textBox, ball, color } = DRAWINGS[style]();
  const scaled = (box: TextBox): TextBox => ({
    left: (box.left * width) / CANVAS.width,
    top: (box.top * height) / CANVAS.height,
    width: (box.width * width) / CANVAS.width,
    height: (box.height * height) / CANVAS.height,
  });
  const rgba = await sharp(Buffer.from(svg), { density: 72 })
    .resize(width, height, { fit: 'fill' })
    .composite(await textInBox(text, scaled(textBox), INK))
    .ensureAlpha()
    .raw()
    .toBuffer();
  // VideoFrame reads its whole ArrayBuffer, and sharp's buffer may be a slice of a larger one.
  const frame = new VideoFrame(Uint8Array.from(rgba), width, height, VideoBufferType.RGBA);
  const { left, top, width: trackWidth, height: trackHeight } = scaled(ball);
  const track = {
    left: even(left),
    top: even(top),
    width: even(trackWidth),
    height: even(trackHeight),
    color,
  };
  return { picture: frame.convert(VideoBufferType.I420), track };
}

/** I420 has one colour sample for two pixels in each direction. */
function even(value: number): number {
  return Math.round(value / 2) * 2;
}

const DRAWINGS: Readonly<Record<SceneStyle, () => Drawing>> = {
  person,
  slide,
  document: page,
};

const INK = '#10131a';

function canvas(body: string): string {
  const { width, height } = CANVAS;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
}

/** A person at a desk, as a laptop's camera sees it. The ball bounces in the niche. */
function person(): Drawing {
  const sheet = { left: 330, top: 318, width: 620, height: 330 };
  const svg = canvas(`
    <defs>
      <linearGradient id="wall" x1="0" y1="0" x2="1" y2="1">
        <stop offset="0" stop-color="#d9d2c5"/><stop offset="1" stop-color="#a99f8f"/>
      </linearGradient>
      <linearGradient id="window" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="#bfe0f2"/><stop offset="1" stop-color="#eef6f4"/>
      </linearGradient>
      <linearGradient id="jumper" x1="0" y1="0" x2="1" y2="0">
        <stop offset="0" stop-color="#2f4a63"/><stop offset="0.5" stop-color="#3d5f7d"/><stop offset="1" stop-color="#2a4258"/>
      </linearGradient>
    </defs>
    <rect width="1280" height="720" fill="url(#wall)"/>
    <rect x="70" y="60" width="260" height="300" rx="6" fill="#8d8272"/>
    <rect x="84" y="74" width="232" height="272" fill="url(#window)"/>
    <path d="M84 346 V270 Q140 226 196 268 T316 246 V346 Z" fill="#9dbb8f"/>
    <path d="M200 74 V346 M84 210 H316" stroke="#8d8272" stroke-width="8"/>
    <rect x="1040" y="64" width="140" height="470" rx="8" fill="#7b6a55"/>
    <rect x="1054" y="78" width="112" height="442" rx="4" fill="#5d5041"/>
    <path d="M0 690 H1280 V720 H0 Z" fill="#6c5a47"/>
    <path d="M180 720 C190 470 380 420 540 396 H740 C900 420 1090 470 1100 720 Z" fill="url(#jumper)"/>
    <path d="M576 310 H704 V402 C704 440 576 440 576 402 Z" fill="#c99a7c"/>
    <ellipse cx="640" cy="212" rx="104" ry="128" fill="#d9ab8c"/>
    <path d="M530 226 C516 90 590 62 644 62 C720 62 766 104 750 226 C742 176 716 144 690 138 C640 150 580 146 556 160 C540 180 534 206 530 226 Z" fill="#3b2a20"/>
    <circle cx="602" cy="216" r="9" fill="#2b211b"/><circle cx="678" cy="216" r="9" fill="#2b211b"/>
    <path d="M604 272 Q640 300 676 272" stroke="#9c5f4b" stroke-width="8" fill="none" stroke-linecap="round"/>
    <rect x="${sheet.left + 6}" y="${sheet.top + 10}" width="${sheet.width}" height="${sheet.height}" rx="4" fill="#1c2733" opacity="0.35"/>
    <rect x="${sheet.left}" y="${sheet.top}" width="${sheet.width}" height="${sheet.height}" rx="4" fill="#fbfaf6"/>
    ${hand(sheet.left)}${hand(sheet.left + sheet.width)}`);
  // Orange, in BT.601 video range.
  return {
    svg,
    textBox: inset(sheet, 50),
    ball: { left: 1062, top: 82, width: 96, height: 438 },
    color: { y: 132, u: 62, v: 178 },
  };
}

function hand(x: number): string {
  const fingers = [468, 500, 532, 564]
    .map((y) => `<rect x="${x - 24}" y="${y}" width="48" height="26" rx="13" fill="#d3a486"/>`)
    .join('');
  return fingers;
}

/** A slide of a talk. The ball runs along the bar at the top. */
function slide(): Drawing {
  const svg = canvas(`
    <defs>
      <linearGradient id="bar" x1="0" y1="0" x2="1" y2="0">
        <stop offset="0" stop-color="#1f3a8a"/><stop offset="1" stop-color="#3b6fd4"/>
      </linearGradient>
    </defs>
    <rect width="1280" height="720" fill="#ffffff"/>
    <rect width="1280" height="96" fill="url(#bar)"/>
    <circle cx="62" cy="48" r="20" fill="#ffffff" opacity="0.9"/>
    <rect x="100" y="38" width="250" height="20" rx="10" fill="#ffffff" opacity="0.55"/>
    <rect x="80" y="160" width="1120" height="480" rx="18" fill="#f1f5fd"/>`);
  return {
    svg,
    textBox: inset({ left: 80, top: 160, width: 1120, height: 480 }, 130),
    ball: { left: 400, top: 24, width: 820, height: 48 },
    color: { y: 190, u: 70, v: 150 },
  };
}

/** A page in an editor, with a heading. The ball is the reader's mark in the right margin. */
function page(): Drawing {
  const paragraphs = [430, 462, 494, 526, 590, 622, 654]
    .map((y, row) => {
      const width = row === 3 || row === 6 ? 380 : 640;
      return `<rect x="240" y="${y}" width="${width}" height="12" rx="6" fill="#e3e6ea"/>`;
    })
    .join('');
  const svg = canvas(`
    <rect width="1280" height="720" fill="#5b6470"/>
    <rect width="1280" height="56" fill="#3d4550"/>
    <circle cx="34" cy="28" r="9" fill="#e46a5e"/><circle cx="62" cy="28" r="9" fill="#e3b34b"/><circle cx="90" cy="28" r="9" fill="#6cbf6a"/>
    <rect x="170" y="90" width="780" height="640" fill="#ffffff"/>
    ${paragraphs}
    <rect x="1010" y="90" width="90" height="600" rx="12" fill="#4b535e"/>`);
  return {
    svg,
    textBox: { left: 240, top: 140, width: 640, height: 230 },
    ball: { left: 1020, top: 96, width: 70, height: 588 },
    color: { y: 160, u: 110, v: 90 },
  };
}

function inset(box: TextBox, by: number): TextBox {
  return {
    left: box.left + by,
    top: box.top + by,
    width: box.width - 2 * by,
    height: box.height - 2 * by,
  };
}
