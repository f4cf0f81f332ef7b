/** What the bytes of a picture say about it. */
export interface Picture {
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp';
  width: number;
  height: number;
}

/** Reads magic number and size; undefined if the bytes are no such picture. */
export function readPicture(data: Buffer): Picture | undefined {
  const size = readers.find(({ magic }) => magic(data));
  const read = size?.size(data);
  if (!size || !read || read.width <= 0 || read.height <= 0) return undefined;
  return { mimeType: size.mimeType, ...read };
}

interface Size {
  width: number;
  height: number;
}

interface Reader {
  mimeType: Picture['mimeType'];
  magic(data: Buffer): boolean;
  size(data: Buffer): Size | undefined;
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

const readers: readonly Reader[] = [
  {
    mimeType: 'image/jpeg',
    magic: (data) => data.length > 4 && data.readUIntBE(0, 3) === 0xffd8ff,
    size: jpegSize,
  },
  {
    mimeType: 'image/png',
    magic: (data) => data.subarray(0, 8).equals(PNG_SIGNATURE),
    size: (data) => {
      if (data.length < 24 || ascii(data, 12) !== 'IHDR') return undefined;
      return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
    },
  },
  {
    mimeType: 'image/webp',
    magic: (data) => ascii(data, 0) === 'RIFF' && ascii(data, 8) === 'WEBP',
    size: webpSize,
  },
];

const ascii = (data: Buffer, at: number) => data.toString('latin1', at, at + 4);

/** The size stands in the start-of-frame segment; others before it are jumped over. */
function jpegSize(data: Buffer): Size | undefined {
  let at = 2;
  while (at + 9 <= data.length && data[at] === 0xff) {
    const marker = data.readUInt8(at + 1);
    if (isStartOfFrame(marker)) {
      return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    }
    const isFillByte = marker === 0xff;
    at += isFillByte ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, which have the tables DHT, JPG and DAC among them. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function webpSize(data: Buffer): Size | undefined {
  if (data.length < 30) return undefined;
  switch (ascii(data, 12)) {
    case 'VP8 ':
      return { width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = data.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
