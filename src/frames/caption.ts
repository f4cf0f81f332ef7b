import sharp, { type Sharp } from 'sharp';
import type { SourceKind } from '../source.ts';
import type { EncodedImage } from './encode.ts';

/**
 * "camera:" and "screen:" as pictures of 112x30 (PNG, base64): drawn once, since not every machine
 * that an agent runs on has a font.
 */
const CAPTIONS: Partial<Record<SourceKind, string>> = {
  camera:
    'iVBORw0KGgoAAAANSUhEUgAAAHAAAAAeBAMAAAAGMIdSAAAAMFBMVEUAAAD///+Hh4cdHR0vLy/5+fkPDw/u' +
    '7u5gYGDMzMyysrI8PDycnJxycnLh4eFQUFBPAj+4AAAACXBIWXMAAAsTAAALEwEAmpwYAAABoklEQVQ4y+2T' +
    'y0sCURTGD3OH6aXBl4yWmanRXiKiVQiFERKlq4oWRv0BCoFRi7IHbTOCiCh0EVSLaBG0aWMQ7qpN21BaBj2g' +
    'lkHn3kh89BeE3+LMnHvubzjfuXOJaqpJqtfPYXYoqhIR5IVocZk1xMXBPzCRg5mmW6DtjbTEU8ZxP4IIkZGD' +
    'w0MisbAJYxeYCpCeWC4DLwGMU4FjJ2mYBFriwAoN8IKTBJyA4FfMk84bSmQUcLyap+2PsYKbQfM6jOlubFHK' +
    'sb4BDzNTZ+LgYjTsqgTr0UKkPCXh19BBGXgsiOlo5c/EBMxztS3rJv3ltRS0wCYfPYdhIKBx4oXfCrsVztMT' +
    '2ARcXLxik2blbBrZIJEelz7ONU68iCpQql1wC9wU/gAtsKs40Zf8BUmBLp/P1yW4Y2rGc1+2ClQeqQFpJkrA' +
    'JkmQX4Ez8FDKJH1vv2yqcdx95Rux1B8uBXmqa3OPaQXWYaeHW62YKn3Kc5Q2UmXgsDT2A1pksRrUj8DH9oDI' +
    'exkoboDFNwUaWSx4q0EyQkEZopXuQ8Uf1LioXeh/qG//jVwMhD94sQAAAABJRU5ErkJggg==',
  screen:
    'iVBORw0KGgoAAAANSUhEUgAAAHAAAAAeBAMAAAAGMIdSAAAAMFBMVEX///8AAAAPDw9EREQxMTFtbW3x8fGp' +
    'qamFhYUhISHa2trr6+vIyMhbW1uWlpa5ubmgm6DLAAAACXBIWXMAAAsTAAALEwEAmpwYAAABkElEQVQ4y+2T' +
    'v0tCURTHvyRqqGXnPSUeJfpoCaJAkmhMs8EhyqkpMMJdF4VAMAhyTO0PUByMaDAjCFwkKhoabGoIQmlp1Km1' +
    'c58aIQ+HRvHCPd/L5X7OeefHA/1zYQyOGKiENDnPdoVICqp/7knx64M7gOWYlARMcal2+w7VVYed3y5WcKfS' +
    'Um2/YAqTXLsZBKUIgA6tsb2WYAfUNB8PSSmw3JMHdcBAMu8B0IVS/i0uVZD6KEqA7WgB5mDbqroR3Y5MM2g5' +
    'hVkPdLJbYSeJVAa95EaRn4fPEKa0iU9VqltIviwNgg6gfEKzmBCfzb5pDuVkAvEGvpN1+D1oUcyqW5wm59Jy' +
    '40ADOe4MxOrsauLl2NTUB5W9Agz9iEYR8SKTybw28MWSHQKKwhqdAumCIkeS1A0mSKEe6Hh5GATlx9Ayprgp' +
    'n+tFDXTBHMjH/POI5rau+qBOVWWRSrXfR2MvafiVClvbENDxBDEojjYXpAu6uPXPKq1EYEoNAXk6fWI0pc3A' +
    'b7lWc5pLX3b8I48u+AOyoq+kUCFLggAAAABJRU5ErkJggg==',
};

/** The picture with its source written into its upper left corner; small ones as they are. */
export async function withCaption(image: EncodedImage, source: SourceKind): Promise<EncodedImage> {
  const caption = CAPTIONS[source];
  if (!caption || image.width < 112 || image.height < 30) return image;
  const labelled = sharp(image.data).composite([
    { input: Buffer.from(caption, 'base64'), left: 0, top: 0 },
  ]);
  return { ...image, data: await inFormat(labelled, image).toBuffer() };
}

/** Quality of a picture that is compressed a second time: what the first left is kept. */
const QUALITY = 90;

function inFormat(picture: Sharp, { mimeType }: EncodedImage): Sharp {
  if (mimeType === 'image/png') return picture.png();
  if (mimeType === 'image/webp') return picture.webp({ quality: QUALITY, effort: 1 });
  return picture.jpeg({ quality: QUALITY, optimiseCoding: false });
}
