/** What bundling buys: size and load time of the app, bundled against unbundled. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { inlinePlugin } from '../scripts/inline.mjs';
import { timeLoads } from './load-app.ts';
import { megabytes, ms, printFigures } from './print.ts';

/** Prints sizes and median load times, each load in a fresh process. */
export async function benchBundle(root: string): Promise<void> {
  const folder = mkdtempSync(path.join(root, 'dist', 'bench-'));
  try {
    const unbundled = path.join(folder, 'unbundled.cjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['functions/index.ts'],
      outfile: unbundled,
      bundle: true,
      packages: 'external',
      plugins: [inlinePlugin()],
      platform: 'node',
      target: 'node22',
      format: 'cjs',
    });
    const bundled = path.join(root, 'dist', 'app.cjs');
    const [fast = NaN, slow = NaN] = timeLoads(root, folder, [bundled, unbundled]);
    printFigures('Loading the app (median of 15 processes, warm page cache)', [
      { what: 'bundled', value: ms(fast), note: megabytes(statSync(bundled).size) },
      { what: 'unbundled', value: ms(slow), note: 'node_modules beside it' },
      { what: 'unbundled / bundled', value: (slow / fast).toFixed(2) },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
