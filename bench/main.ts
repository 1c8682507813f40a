/** `npm run bench`: prints every figure from one run; absolute times depend on the machine. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { repositoryRoot } from '../local/repository.ts';
import { measureAudit, printAudit, type AuditFigures } from './audit.ts';
import type { AuditSize } from './audit-fleet.ts';
import { runAuditHost, runIndexProcess } from './audit-processes.ts';
import { benchBundle } from './bundle.ts';
import { measureCa, printCa, type CaFigures, type CaSize } from './ca.ts';
import { benchEngine } from './engine.ts';
import { benchList } from './list.ts';
import { runHostProcess, storages } from './engine/host-process.ts';
import { benchReport } from './report.ts';
import { benchReportMemory } from './report-memory.ts';
import { benchUpload } from './upload.ts';
import { measureUsage, printUsage, type UsageFigures } from './usage.ts';
import type { ContentSize } from './usage-content.ts';
import {
  measureFleet,
  printFleets,
  printWorkspaces,
  type FleetFigures,
  type FleetSize,
} from './rotation.ts';

const FEW: FleetSize = { services: 10, targets: 3, workspaces: 0, rotations: 200 };
const MANY: FleetSize = { services: 1_000, targets: 3, workspaces: 0, rotations: 5 };
const TEAMS: FleetSize = { services: 0, targets: 0, workspaces: 3, rotations: 100 };

const CONTENT: ContentSize = { apis: 100, operations: 5 };
/** Certificates of the report whose memory is measured. */
const REPORTED = 200_000;
/** A thousand take half an hour and more: tables of Azurite look through all of their rows for many questions. */
const AUDITED = [10, 100];
const KEYS: CaSize = { uploads: 9, rotations: 20, renewals: 10 };

const USAGE = `Measures Certkeeper on this machine and prints what it found. Without a name all of
it, in five minutes and more; or one of:

  rotation   how long a rotation takes, what it costs in calls to Azure with few and
             with many services, the memory of the whole system
  bundle     size and load time of the app, bundled and unbundled
  engine     the orchestration engine: orchestrations and activities a second, an
             activity step, start-up, memory and disk; and the same without persistence
  list       GET /api/certificates over a ledger of ten thousand certificates
  report     the page of an audit's report: its time and size, what charts cost; the
             memory that a report of 200,000 certificates takes
  upload     reading an uploaded file of each kind, and how long others wait for it
  usage      what uses certificates: sweeps over a service with many policies, a live
             scan, a look-up, and what a rotation costs with them in the index
  audit      the audit and the index of uses for 10 and 100 services: calls next to the
             least, time, memory; --services 10,1000 for other sizes, half an hour for a
             thousand
  ca         CA certificates that are uploaded together; how long nobody can sign in
             with a new key, and the mode without a gap
`;

/** Measures and prints. @param sizes of the fleets that are audited */
type Measurement = (folder: string, sizes: readonly number[]) => Promise<void>;

/** What is measured, in the order in which it is printed. */
const parts: Readonly<Record<string, Measurement>> = {
  rotation: async (folder) => {
    const few = await measureApart<FleetFigures>('fleet', folder, FEW);
    const many = await measureApart<FleetFigures>('fleet', folder, MANY);
    printFleets(few, many, FEW);
    printWorkspaces(await measureApart<FleetFigures>('fleet', folder, TEAMS), TEAMS);
  },
  bundle: () => benchBundle(repositoryRoot()),
  engine: benchEngine,
  list: benchList,
  report: async (folder) => {
    await benchReport(repositoryRoot());
    await benchReportMemory(repositoryRoot(), folder, REPORTED);
  },
  upload: benchUpload,
  usage: async (folder) => {
    printUsage(await measureApart<UsageFigures>('usage', folder, CONTENT), CONTENT);
  },
  audit: async (folder, sizes) => {
    let before: { readonly size: AuditSize; readonly figures: AuditFigures } | undefined;
    for (const services of sizes) {
      const size = { services };
      const figures = await measureApart<AuditFigures>('audit-fleet', folder, size);
      printAudit(size, figures, before);
      before = { size, figures };
    }
  },
  ca: async (folder) => printCa(await measureApart<CaFigures>('ca', folder, KEYS), KEYS),
};

/** What a process of its own does, forked by this program with a folder and more. */
const children: Readonly<Record<string, (folder: string, what: string) => Promise<void>>> = {
  // Sizes are written by measureApart below.
  fleet: async (folder, size) => tell(await measureFleet(folder, JSON.parse(size) as FleetSize)),
  usage: async (folder, size) => tell(await measureUsage(folder, JSON.parse(size) as ContentSize)),
  'audit-fleet': async (folder, size) =>
    tell(await measureAudit(folder, JSON.parse(size) as AuditSize)),
  'audit-host': runAuditHost,
  'audit-index': runIndexProcess,
  ca: async (folder, size) => tell(await measureCa(folder, JSON.parse(size) as CaSize)),
  'engine-host': async (folder, name) => {
    const storage = storages.find((one) => one === name);
    if (storage === undefined) throw new TypeError(`There is no engine '${name}'.`);
    await runHostProcess(storage, folder);
  },
};

/** One system in a process of its own: the app is loaded once a process. */
async function measureApart<Figures>(
  child: string,
  folder: string,
  size: FleetSize | ContentSize | CaSize | AuditSize,
): Promise<Figures> {
  const worker = fork(path.join(repositoryRoot(), 'bench', 'main.ts'), [
    ...[child, folder, JSON.stringify(size)],
  ]);
  // What the child of this name tells, by `children` above.
  const [figures] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => {
      throw new Error(`${child} ${JSON.stringify(size)} could not be measured.`);
    }),
  ])) as [Figures];
  if (worker.exitCode === null) await once(worker, 'exit');
  return figures;
}

function tell(figures: object): void {
  process.send?.(figures);
  process.disconnect();
}

/** Sizes of the fleets that are audited; undefined for arguments that nobody may give. */
function readSizes(
  command: string | undefined,
  rest: readonly string[],
): readonly number[] | undefined {
  if (rest.length === 0) return AUDITED;
  const [option, value = '', ...more] = rest;
  if (command !== 'audit' || option !== '--services' || more.length > 0) return undefined;
  return /^[1-9]\d{0,3}(,[1-9]\d{0,3})*$/.test(value) ? value.split(',').map(Number) : undefined;
}

async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2);
  const sizes = readSizes(command, rest);
  const child = children[command ?? ''];
  const [folder, what] = rest;
  if (sizes === undefined && child !== undefined && folder !== undefined && what !== undefined) {
    await child(folder, what);
    return;
  }
  const wanted = command === undefined ? Object.values(parts) : [parts[command]];
  if (sizes === undefined || wanted.includes(undefined)) {
    process.stdout.write(USAGE);
    process.exitCode = command === '--help' ? 0 : 2;
    return;
  }
  process.stdout.write(
    `Node ${process.versions.node}, ${String(cpus().length)} cores, ${process.platform} ${process.arch}\n\n`,
  );
  const state = mkdtempSync(path.join(tmpdir(), 'certkeeper-bench-'));
  try {
    for (const run of wanted) await run?.(state, sizes);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

await main();
