import type { Lids } from './blink.ts';
import { shownName } from './shown-name.ts';

/** What a picture of the face shows. */
export interface Expression {
  /** 0 closed, 1 wide open. */
  mouth: number;
  lids: Lids;
}

export interface FaceStyle {
  width: number;
  height: number;
  /** Written below the face; nothing if empty. */
  name: string;
}

/** The face is drawn on a square of this side; wider or taller pictures show more backdrop. */
const SIDE = 512;

/** Position of the mouth, as fractions of that square, for tests that read the lips. */
export const MOUTH_BOX = { left: 0.38, top: 0.575, width: 0.24, height: 0.17 } as const;

/** A friendly face, as SVG. */
export function drawFace({ mouth, lids }: Expression, { width, height, name }: FaceStyle): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"
    viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="xMidYMax meet">
  ${DEFINITIONS}
  ${BACKDROP}
  ${BODY}
  ${HAIR_BEHIND}
  ${HEAD}
  ${eye(206, lids)}${eye(306, lids)}
  ${brows(mouth)}
  ${NOSE}
  ${lips(mouth)}
  ${HAIR_IN_FRONT}
  ${plate(shownName(name))}
</svg>`;
}

const DEFINITIONS = `<defs>
  <radialGradient id="backdrop" cx="50%" cy="38%" r="75%">
    <stop offset="0" stop-color="#bfe6ea"/><stop offset="0.55" stop-color="#6fb7c9"/>
    <stop offset="1" stop-color="#2f6f8f"/>
  </radialGradient>
  <radialGradient id="skin" cx="46%" cy="40%" r="68%">
    <stop offset="0" stop-color="#ffdcc0"/><stop offset="0.7" stop-color="#f4bf9b"/>
    <stop offset="1" stop-color="#e2a27c"/>
  </radialGradient>
  <linearGradient id="neck" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#cf8f6b"/><stop offset="1" stop-color="#eab38f"/>
  </linearGradient>
  <linearGradient id="hair" x1="0" y1="0" x2="0.4" y2="1">
    <stop offset="0" stop-color="#7a4a2e"/><stop offset="1" stop-color="#4a2a1b"/>
  </linearGradient>
  <linearGradient id="shirt" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#f6a25c"/><stop offset="1" stop-color="#dd6f3c"/>
  </linearGradient>
  <radialGradient id="iris" cx="50%" cy="60%" r="60%">
    <stop offset="0" stop-color="#6fae7f"/><stop offset="1" stop-color="#2d5f4c"/>
  </radialGradient>
  <radialGradient id="cheek"><stop offset="0" stop-color="#f08a78" stop-opacity="0.55"/>
    <stop offset="1" stop-color="#f08a78" stop-opacity="0"/></radialGradient>
</defs>`;

const BACKDROP = `<rect x="-512" y="-512" width="1536" height="1536" fill="url(#backdrop)"/>
  <circle cx="88" cy="112" r="54" fill="#fff" opacity="0.10"/>
  <circle cx="438" cy="86" r="34" fill="#fff" opacity="0.10"/>
  <circle cx="462" cy="212" r="70" fill="#fff" opacity="0.07"/>`;

const BODY = `<path d="M92 540 C96 452 172 424 256 424 C340 424 416 452 420 540 Z" fill="url(#shirt)"/>
  <path d="M212 372 H300 V424 C300 452 278 466 256 466 C234 466 212 452 212 424 Z"
    fill="url(#neck)"/>
  <path d="M206 424 C216 462 238 480 256 480 C274 480 296 462 306 424" fill="none"
    stroke="#fff3e4" stroke-width="11" stroke-linecap="round"/>`;

const HAIR_BEHIND = `<path d="M256 62 C150 62 112 140 116 236 C118 292 126 330 140 356
  C150 372 168 368 172 350 L340 350 C344 368 362 372 372 356 C386 330 394 292 396 236
  C400 140 362 62 256 62 Z" fill="url(#hair)"/>`;

const HEAD = `<ellipse cx="139" cy="262" rx="21" ry="30" fill="#eab08a"/>
  <ellipse cx="373" cy="262" rx="21" ry="30" fill="#eab08a"/>
  <path d="M256 104 C176 104 138 164 140 244 C142 336 196 404 256 404 C316 404 370 336 372 244
    C374 164 336 104 256 104 Z" fill="url(#skin)"/>
  <ellipse cx="178" cy="300" rx="34" ry="25" fill="url(#cheek)"/>
  <ellipse cx="334" cy="300" rx="34" ry="25" fill="url(#cheek)"/>`;

const NOSE = `<path d="M250 250 C244 274 240 284 246 289 C252 293 262 293 268 288" fill="none"
  stroke="#c98561" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>`;

const HAIR_IN_FRONT = `<path d="M136 240 C128 140 190 84 262 84 C336 84 384 140 376 240
  C368 206 354 184 338 170 C318 186 278 186 244 158 C214 186 172 178 158 190
  C146 202 140 220 136 240 Z" fill="url(#hair)"/>
  <path d="M176 132 C204 106 246 98 284 106" fill="none" stroke="#a4704c" stroke-width="7"
    stroke-linecap="round" opacity="0.55"/>`;

/** An eye, with the upper lid open, half closed or closed. */
function eye(x: number, lids: Lids): string {
  if (lids === 2)
    return `<path d="M${x - 27} 244 Q${x} 262 ${x + 27} 244" fill="none" stroke="#4a2a1b"
      stroke-width="6" stroke-linecap="round"/>`;
  const top = lids === 1 ? 226 : 206;
  return `<path d="M${x - 28} 242 Q${x} ${top} ${x + 28} 242 Q${x} 270 ${x - 28} 242 Z" fill="#fff"/>
    <clipPath id="eye${x}"><path d="M${x - 28} 242 Q${x} ${top} ${x + 28} 242
      Q${x} 270 ${x - 28} 242 Z"/></clipPath>
    <g clip-path="url(#eye${x})">
      <circle cx="${x}" cy="241" r="15" fill="url(#iris)"/>
      <circle cx="${x}" cy="241" r="7.5" fill="#17231f"/>
      <circle cx="${x + 5}" cy="235" r="4.5" fill="#fff"/>
    </g>
    <path d="M${x - 29} 242 Q${x} ${top - 2} ${x + 29} 242" fill="none" stroke="#4a2a1b"
      stroke-width="5.5" stroke-linecap="round"/>`;
}

/** The brows rise slightly with the voice. */
function brows(mouth: number): string {
  const y = 202 - 6 * mouth;
  const brow = (from: number, to: number) =>
    `<path d="M${from} ${y + 6} Q${(from + to) / 2} ${y - 11} ${to} ${y + 4}" fill="none"
      stroke="#5d3722" stroke-width="9" stroke-linecap="round"/>`;
  return brow(178, 232) + brow(334, 280);
}

/** A smile that opens: first wider, then rounder, with teeth and tongue. */
function lips(opening: number): string {
  const y = 328;
  if (opening <= 0)
    return `<path d="M214 ${y} Q256 ${y + 27} 298 ${y}" fill="none" stroke="#a8433f"
      stroke-width="8" stroke-linecap="round"/>
      <path d="M236 ${y + 31} Q256 ${y + 37} 276 ${y + 31}" fill="none" stroke="#d3926f"
      stroke-width="4" stroke-linecap="round"/>`;
  const half = 44 - 10 * opening;
  const upper = y - 2 - 8 * opening;
  const lower = y + 20 + 34 * opening;
  const inside = `M${256 - half} ${y} Q256 ${upper + 8} ${256 + half} ${y}
    C${256 + half - 2} ${lower - 7} ${256 + 24} ${lower} 256 ${lower}
    C${256 - 24} ${lower} ${256 - half + 2} ${lower - 7} ${256 - half} ${y} Z`;
  return `<clipPath id="mouth"><path d="${inside}"/></clipPath>
    <path d="${inside}" fill="#5a1420"/>
    <g clip-path="url(#mouth)">
      <ellipse cx="256" cy="${lower + 5}" rx="${half * 0.6}" ry="${6 + 14 * opening}"
        fill="#e2686c"/>
      <rect x="${256 - half * 0.84}" y="${y - 12}" width="${half * 1.68}"
        height="${18 + 5 * opening}" rx="6" fill="#fffaf3"/>
    </g>
    <path d="${inside}" fill="none" stroke="#b44a46" stroke-width="7" stroke-linejoin="round"/>`;
}

function plate(name: string): string {
  if (name === '') return '';
  const text = name.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const width = Math.min(420, 56 + 15 * [...name].length);
  return `<rect x="${256 - width / 2}" y="456" width="${width}" height="42" rx="21"
    fill="#12303d" opacity="0.78"/>
    <text x="256" y="485" fill="#fff" font-family="sans-serif" font-size="24" font-weight="600"
      text-anchor="middle" textLength="${Math.min(width - 44, 13 * [...name].length)}"
      lengthAdjust="spacingAndGlyphs">${text}</text>`;
}
