/** `npm run bench`: prints every figure from one run; absolute times depend on the machine. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { repositoryRoot } from '../local/repository.ts';
import { benchBundle } from './bundle.ts';
import { measureFleet, printFleets, type FleetFigures, type FleetSize } from './rotation.ts';

const FEW: FleetSize = { services: 10, targets: 3, rotations: 200 };
const MANY: FleetSize = { services: 1_000, targets: 3, rotations: 5 };

const USAGE = `Measures Certkeeper on this machine and prints what it found: how long a rotation
takes, what it costs in calls to Azure with few and with many services, size and
load time of the bundle, and the memory of the whole system. Takes about a minute.
`;

/** One fleet in this process: the app is loaded once a process. */
async function child(folder: string, size: FleetSize): Promise<void> {
  process.send?.(await measureFleet(folder, size));
  process.disconnect();
}

async function measureApart(folder: string, size: FleetSize): Promise<FleetFigures> {
  const worker = fork(path.join(repositoryRoot(), 'bench', 'main.ts'), [
    'fleet',
    folder,
    JSON.stringify(size),
  ]);
  const [figures] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => {
      throw new Error(`The fleet of ${String(size.services)} services could not be measured.`);
    }),
  ])) as [FleetFigures];
  if (worker.exitCode === null) await once(worker, 'exit');
  return figures;
}

async function main(): Promise<void> {
  const [command, folder, size] = process.argv.slice(2);
  if (command === 'fleet' && folder !== undefined && size !== undefined) {
    // Written by measureApart above.
    await child(folder, JSON.parse(size) as FleetSize);
    return;
  }
  if (command !== undefined) {
    process.stdout.write(USAGE);
    process.exitCode = command === '--help' ? 0 : 2;
    return;
  }
  process.stdout.write(
    `Node ${process.versions.node}, ${String(cpus().length)} cores, ${process.platform} ${process.arch}\n\n`,
  );
  const state = mkdtempSync(path.join(tmpdir(), 'certkeeper-bench-'));
  try {
    const few = await measureApart(state, FEW);
    const many = await measureApart(state, MANY);
    printFleets(few, many, FEW);
    await benchBundle(repositoryRoot());
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

await main();
