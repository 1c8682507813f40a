/** What bundling buys: size and load time of the app, bundled against unbundled. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { megabytes, ms, percentile, printFigures, progress } from './print.ts';

const LOADS = 15;
/** Settings under which the app loads; nothing is contacted by loading it. */
const SETTINGS = {
  CERTKEEPER_VAULTS:
    '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-kv',
  CERTKEEPER_SERVICES:
    '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-gw',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};

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
      platform: 'node',
      target: 'node22',
      format: 'cjs',
    });
    const bundled = path.join(root, 'dist', 'app.cjs');
    // A host gives the app this module; here it only has to be there.
    const core = path.join(folder, 'core.cjs');
    writeFileSync(core, coreStandIn);
    const times = { bundled: [] as number[], unbundled: [] as number[] };
    for (let load = 0; load < LOADS; load += 1) {
      progress(`Loading the app, ${String(load + 1)} of ${String(LOADS)} …`);
      // In turns, so that whatever else the machine does falls on both.
      times.bundled.push(timeLoad(root, core, bundled));
      times.unbundled.push(timeLoad(root, core, unbundled));
    }
    progress('');
    const fast = percentile(times.bundled, 0.5);
    const slow = percentile(times.unbundled, 0.5);
    printFigures('Loading the app (median of 15 processes, warm page cache)', [
      { what: 'bundled', value: ms(fast), note: megabytes(statSync(bundled).size) },
      { what: 'unbundled', value: ms(slow), note: 'node_modules beside it' },
      { what: 'unbundled / bundled', value: (slow / fast).toFixed(2) },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeLoad(root: string, core: string, file: string): number {
  const script = `
    const Module = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) =>
      name === '@azure/functions-core' ? require(${JSON.stringify(core)}) : load(name, ...rest);
    const begin = process.hrtime.bigint();
    require(${JSON.stringify(file)});
    process.stdout.write(String(Number(process.hrtime.bigint() - begin) / 1e6));
    process.exit(0);`;
  const run = spawnSync(process.execPath, ['-e', script], {
    cwd: root,
    // Azure keeps no compiled code between starts.
    env: { ...process.env, ...SETTINGS, NODE_DISABLE_COMPILE_CACHE: '1' },
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`The app does not load: ${run.stderr.slice(0, 500)}`);
  return Number(run.stdout);
}

const coreStandIn = `
  class Disposable { dispose() {} }
  module.exports = {
    version: '4.0.0', hostVersion: '4', funcCoreVersion: '4', workerConfig: {},
    Disposable, registerFunction: () => new Disposable(), setProgrammingModel: () => undefined,
    getProgrammingModel: () => undefined, registerHook: () => new Disposable(),
    getFuncCoreVersion: () => '4',
  };`;
