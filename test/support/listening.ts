import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** TCP addresses on which a process listens, as the kernel lists them: hex, port included. */
export function listeningOn(pid: number | 'self'): string[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = readdirSync(folder).flatMap((name) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`${folder}/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.includes(inode ?? ''))
      .map(([, local = '']) => local),
  );
}

export const LOOPBACK = /^0100007F:/;
export const portOf = (address: string) => Number.parseInt(address.split(':')[1] ?? '', 16);
