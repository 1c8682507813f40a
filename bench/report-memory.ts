/** How much memory is taken by what is done with a report of very many certificates. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { startStorage } from '../local/storage/index.ts';
import { appOptions } from '../scripts/build.mjs';
import { count, megabytes, ms, printFigures, progress } from './print.ts';

interface Worked {
  readonly milliseconds: number;
  /** Bytes. */
  readonly peak: number;
}

/** What is done, in this order, each in a process of its own. */
const WORKS = [
  ['nothing', 'the code alone'],
  ['write', undefined],
  ['compose-earlier', 'making the first report'],
  ['compose-later', 'making the one after it'],
  ['findings', 'its findings: notify, acknowledge, dashboard'],
  ['show', 'answering it as JSON'],
  ['compare', 'answering it, compared with another one'],
] as const;

/** @param folder for the storage */
export async function benchReportMemory(root: string, folder: string, rows: number): Promise<void> {
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  const bundled = mkdtempSync(path.join(root, 'dist', 'bench-'));
  const storage = await startStorage({ blobPort: 0, stateDir: path.join(folder, 'reports') });
  try {
    const outfile = path.join(bundled, 'report-work.cjs');
    await build({ ...appOptions(root), entryPoints: ['bench/report-work.ts'], outfile });
    const figures = [];
    for (const [work, what] of WORKS) {
      progress(`A report of ${count(rows)} certificates: ${what ?? 'its parts'} …`);
      const { peak, milliseconds } = await run(outfile, [
        ...[work, storage.connectionString, String(rows)],
      ]);
      if (what !== undefined) {
        figures.push({ what, value: megabytes(peak), note: `at most, in ${ms(milliseconds)}` });
      }
    }
    progress('');
    printFigures(`Report of ${count(rows)} certificates: memory of the process`, figures);
  } finally {
    await storage.stop();
    rmSync(bundled, { recursive: true, force: true });
  }
}

async function run(file: string, args: readonly string[]): Promise<Worked> {
  const worker = fork(file, [...args]);
  // What report-work.ts tells.
  const [worked] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => {
      throw new Error(`'${String(args[0])}' could not be measured.`);
    }),
  ])) as [Worked];
  if (worker.exitCode === null) await once(worker, 'exit');
  return worked;
}
