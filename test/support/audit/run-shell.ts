import { execFileSync } from 'node:child_process';

/** What a command prints that is given to a POSIX shell as somebody would paste it. */
export function runCommand(command: string): string {
  return execFileSync('sh', ['-c', command], { encoding: 'utf8' });
}
