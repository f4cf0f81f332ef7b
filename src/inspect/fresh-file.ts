import * as fs from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * A file to write to that is new: for its user alone, and in no place but this one. What is there
 * under its name goes; a link is refused, and so is what is no file.
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

/** @throws Error with a line for people. */
async function openFresh(file: string): Promise<number> {
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile())
    throw new Error(
      `${file} is ${found.isSymbolicLink() ? 'a link' : 'no file'}: give another name`,
    );
  // A file that is there keeps its mode, and whoever has it open reads on.
  if (found) await rm(file);
  // Fails where somebody was faster.
  return openFile(file, 'wx', 0o600);
}
