import { execFileSync } from 'node:child_process';

/** Resident bytes of a process and everything it has started. */
export function residentMemory(pid: number): number {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([one = 0, parent = 0, kilobytes = 0]) => ({ pid: one, parent, kilobytes }));
  const family = new Set([pid]);
  // `ps` lists parents before children in general, but promises nothing: go round until it rests.
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const one of table) if (family.has(one.parent)) family.add(one.pid);
  }
  return table
    .filter((one) => family.has(one.pid))
    .reduce((sum, { kilobytes }) => sum + kilobytes * 1_024, 0);
}
