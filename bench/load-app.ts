/** How long a bundle of the app takes to load, each time in a fresh process. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { percentile, progress } from './print.ts';

const LOADS = 15;
/** Settings under which the app loads; nothing is contacted by loading it. */
const SETTINGS = {
  CERTKEEPER_VAULTS:
    '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-kv',
  CERTKEEPER_SERVICES:
    '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-gw',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};

/**
 * The median time that each file takes to load, in milliseconds and in the order of the files.
 *
 * @param folder where a stand-in for the host's module may lie
 */
export function timeLoads(root: string, folder: string, files: readonly string[]): number[] {
  // A host gives the app this module; here it only has to be there.
  const core = path.join(folder, 'core.cjs');
  writeFileSync(core, coreStandIn);
  const times = files.map((): number[] => []);
  for (let load = 0; load < LOADS; load += 1) {
    progress(`Loading the app, ${String(load + 1)} of ${String(LOADS)} …`);
    // In turns, so that whatever else the machine does falls on all.
    for (const [at, file] of files.entries()) times[at]?.push(timeLoad(root, core, file));
  }
  progress('');
  return times.map((samples) => percentile(samples, 0.5));
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
