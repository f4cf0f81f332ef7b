import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const PACKAGES = ['@livekit/agents', '@livekit/rtc-node'];

/** Versions of the measured Node packages. */
export function nodeVersions(): Record<string, string> {
  const installed = PACKAGES.map((name) => {
    const manifest = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
    return [name, (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version];
  });
  return { ...Object.fromEntries(installed), sharp: sharp.versions.sharp ?? 'unknown' };
}
