import * as fs from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Opens a new file that only its user can read. An existing file is replaced; a link or anything
 * else is refused.
 */
export function writeFresh(file: string): fs.WriteStream {
  return fs.createWriteStream(file, {
    fs: {
      ...fs,
      open: (_path: string, _flags: unknown, _mode: unknown, done: OpenCallback) => {
        openFresh(file).then((fd) => done(null, fd), done);
      },
    },
  } as Parameters<typeof fs.createWriteStream>[1]);
}

const openFile = promisify(fs.open);

type OpenCallback = (error: Error | null, fd?: number) => void;

/** @throws Error with a message for the user. */
async function openFresh(file: string): Promise<number> {
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile())
    throw new Error(
      `${file} is ${found.isSymbolicLink() ? 'a link' : 'no file'}: give another name`,
    );
  // An existing file would keep its mode, and other processes that have it open could read on.
  if (found) await rm(file);
  // Fails if another process has created the file meanwhile.
  return openFile(file, 'wx', 0o600);
}
