import sharp from 'sharp';

/**
 * At this width, the letters of the demo's scenes are some 40 pixels high, the best size for OCR.
 */
const WIDTH = 640;

/** Paper is at least this share as light as the lightest part of the picture. */
const PAPER_SHARE = 0.9;

/** Ink is darker than this share of the lightest part; fingers and ruled lines are lighter. */
const INK_SHARE = 0.6;

/** White margin around the paper, because letters at the edge are recognized badly. */
const MARGIN = 24;

/**
 * The largest light area of a picture (a sheet, a slide, a page) with its writing, on a white
 * background: OCR takes the edges of furniture for letters.
 */
export async function findPaper(picture: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(picture)
    .resize({ width: WIDTH })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const light = data.reduce((most, value) => Math.max(most, value), 1);
  const paper = largestArea(
    data.map((value) => (value >= light * PAPER_SHARE ? 1 : 0)),
    info.width,
    info.height,
  );
  const ink = data.map((value) => Math.min(255, (value * 255) / (light * INK_SHARE)));
  return sharp(whiteOutside(ink, info.width, paper), {
    raw: { width: info.width, height: info.height, channels: 1 },
  })
    .extend({ top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN, background: 'white' })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** A rectangle that the OCR found in the paper, in shares of the whole picture. */
export function inPicture(
  { x0, y0, x1, y1 }: { x0: number; y0: number; x1: number; y1: number },
  picture: { width: number; height: number },
) {
  const height = Math.round((picture.height * WIDTH) / picture.width);
  const share = (value: number, side: number) => Math.min(1, Math.max(0, (value - MARGIN) / side));
  const [x, y] = [share(x0, WIDTH), share(y0, height)];
  return { x, y, width: share(x1, WIDTH) - x, height: share(y1, height) - y };
}

/** First and last column of the area, row by row; empty rows are `[0, -1]`. */
type Spans = [first: number, last: number][];

/** The largest connected set of marked pixels. Clears the marks. */
function largestArea(marks: Uint8Array, width: number, height: number): Spans {
  let best: { size: number; spans: Spans } = { size: 0, spans: [] };
  for (let start = marks.indexOf(1); start >= 0; start = marks.indexOf(1, start + 1)) {
    const area = takeArea(marks, width, height, start);
    if (area.size > best.size) best = area;
  }
  return best.spans;
}

function takeArea(marks: Uint8Array, width: number, height: number, start: number) {
  const spans: Spans = Array.from({ length: height }, () => [0, -1]);
  const open = [start];
  let size = 0;
  marks[start] = 0;
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    size += 1;
    const column = pixel % width;
    const span = spans[(pixel - column) / width];
    if (!span) continue;
    if (span[1] < span[0]) span.fill(column);
    span[0] = Math.min(span[0], column);
    span[1] = Math.max(span[1], column);
    const around = [
      pixel - width,
      pixel + width,
      column > 0 ? pixel - 1 : -1,
      column < width - 1 ? pixel + 1 : -1,
    ];
    for (const next of around) {
      if (marks[next] !== 1) continue;
      marks[next] = 0;
      open.push(next);
    }
  }
  return { size, spans };
}

/** The picture with white left and right of each row's span. */
function whiteOutside(grey: Uint8Array, width: number, spans: Spans): Uint8Array {
  const white = new Uint8Array(grey.length).fill(255);
  spans.forEach(([first, last], row) => {
    if (last < first) return;
    const start = row * width + first;
    white.set(grey.subarray(start, row * width + last + 1), start);
  });
  return white;
}
