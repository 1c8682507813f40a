/** What audits cost by the size of the fleet, next to the least number of calls that paging allows. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startAzure } from '../local/azure/index.ts';
import { appSettings } from '../local/seed/app-settings.ts';
import { makeAzureWire, type AzureWire } from '../local/seed/azure-wire.ts';
import { seedFleet } from '../local/seed/seed-fleet.ts';
import { startStorage } from '../local/storage/index.ts';
import { makeAdapters } from '../shared/azure/index.ts';
import { readConfig } from '../shared/config.ts';
import {
  careFor,
  CERTIFICATES,
  makeAuditFleet,
  POLICIES,
  SERVICES_OF_A_VAULT,
  vaultsOf,
  type AuditSize,
} from './audit-fleet.ts';
import { SETTINGS_FILE, startWorker, type Run, type Worker } from './audit-processes.ts';
import { count, megabytes, ms, printFigures, progress, ratio, type Figure } from './print.ts';

/** What Key Vault and Resource Manager put on a page: the one documented, the other as simulated. */
const VAULT_PAGE = 25;
const SERVICE_PAGE = 100;
/** The simulated Azure remembers so many requests. */
const MOST_CALLS = 50_000;

interface Cost extends Run {
  readonly calls: number;
  /** Of these, those that read a single certificate of a vault. */
  readonly details: number;
  /** Of these, those that read a policy, or ask whether it changed. */
  readonly policies: number;
}

interface Pair {
  /** Bytes, before the first run. */
  readonly atRest: number;
  readonly first: Cost;
  readonly unchanged: Cost;
}

export interface AuditFigures {
  readonly inventory: Pair;
  readonly usage: Pair;
}

/** Brings a fleet up, refreshes its index twice, and audits it twice. */
export async function measureAudit(folder: string, size: AuditSize): Promise<AuditFigures> {
  const stateDir = path.join(folder, `audit-${String(size.services)}`);
  mkdirSync(stateDir, { recursive: true });
  const [storage, azure] = await Promise.all([
    // On disk each write would take the longer the more rows there are: Azurite writes all of them.
    startStorage({
      ...{ blobPort: 0, stateDir: path.join(stateDir, 'storage') },
      tables: 'in-memory',
    }),
    startAzure({ port: 0, stateDir: path.join(stateDir, 'azure') }),
  ]);
  try {
    const wire = makeAzureWire(azure.url);
    const { certkeeperClientId } = await seedFleet(wire);
    const settings = {
      ...appSettings({
        ...{ azureUrl: azure.url, identityHeader: azure.identityHeader, certkeeperClientId },
        storageConnectionString: storage.connectionString,
      }),
      ...careFor(size),
    };
    writeFileSync(path.join(stateDir, SETTINGS_FILE), JSON.stringify(settings));
    const { ledger } = makeAdapters(readConfig(settings), () => new Date());
    await makeAuditFleet(azure.url, size, ledger);
    const name = `${count(size.services)} services`;
    // First the index: an audit tells what is in it.
    const usage = await measureTwice('audit-index', `${name}: what uses them`, stateDir, wire);
    const inventory = await measureTwice('audit-host', `${name}: auditing`, stateDir, wire);
    return { usage, inventory };
  } finally {
    progress('');
    await azure.stop();
    await storage.stop();
  }
}

async function measureTwice(
  child: string,
  what: string,
  folder: string,
  azure: AzureWire,
): Promise<Pair> {
  const worker = await startWorker(child, folder);
  try {
    const atRest = await worker.memory();
    progress(`${what}, first …`);
    const first = await costOf(worker, azure);
    progress(`${what}, again …`);
    return { atRest, first, unchanged: await costOf(worker, azure) };
  } finally {
    await worker.stop();
  }
}

async function costOf(worker: Worker, azure: AzureWire): Promise<Cost> {
  await azure.control('DELETE', 'requests');
  const cost = await worker.run();
  // The log of requests as docs/local.md has it.
  const { requests } = (await azure.control('GET', 'requests?principal=identity')) as {
    readonly requests: readonly { readonly host: string; readonly path: string }[];
  };
  if (requests.length >= MOST_CALLS) throw new Error('There were more calls than are remembered.');
  const those = (of: RegExp): number =>
    requests.filter(({ host, path: at }) => of.test(`${host}${at}`)).length;
  return {
    ...cost,
    calls: requests.length - those(/^[^/]+\.eventgrid\.azure\.net\//),
    details: those(/^[^/]+\.vault\.azure\.net\/certificates\/./),
    policies: those(/\/policies\/policy$/),
  };
}

/**
 * The calls that an inventory cannot do without: of each vault its list and the list of what is
 * deleted, of each service itself and its lists of certificates, workspaces and gateways.
 */
function leastInventory(size: AuditSize): number {
  const vault = Math.ceil(CERTIFICATES / VAULT_PAGE) + 1;
  const service = 1 + Math.ceil(CERTIFICATES / SERVICE_PAGE) + 2;
  return vaultsOf(size) * vault + size.services * service;
}

/** One listing of the policies of each service, and one read of each. */
function leastUsage({ services }: AuditSize): number {
  return services * (1 + POLICIES);
}

/** Prints what was measured of one size, and how it grew since the size before. */
export function printAudit(
  size: AuditSize,
  figures: AuditFigures,
  before?: { readonly size: AuditSize; readonly figures: AuditFigures },
): void {
  const { inventory, usage } = figures;
  const installed = size.services * CERTIFICATES;
  const vaults = vaultsOf(size);
  const services = `${count(size.services)} services`;
  const least = leastInventory(size);
  printFigures(
    `Audit: the inventory of ${services} of ${CERTIFICATES} certificates each, ${count(installed)} in all,\n` +
      `and of ${count(vaults)} ${vaults === 1 ? 'vault' : 'vaults'} of ${CERTIFICATES}, one for ${SERVICES_OF_A_VAULT} services (the process: the host)`,
    [
      { what: 'the least that paging allows', value: `${count(least)} calls` },
      ...runs(inventory, least),
    ],
  );
  const reads = leastUsage(size);
  printFigures(
    `Audit: the index of what uses them, ${services} of ${POLICIES} policies each\n` +
      '(the process does only this)',
    [
      { what: 'one listing + one read a policy', value: `${count(reads)} calls` },
      ...runs(usage, reads),
    ],
  );
  if (before === undefined) return;
  const times = ratio(size.services, before.size.services);
  printFigures(
    `Audit: ${times} × the services, from ${count(before.size.services)} to ${services}`,
    [
      grown('inventory, first', inventory.first, before.figures.inventory.first),
      grown('inventory, unchanged', inventory.unchanged, before.figures.inventory.unchanged),
      grown('index, first', usage.first, before.figures.usage.first),
      grown('index, unchanged', usage.unchanged, before.figures.usage.unchanged),
    ],
  );
}

function runs({ atRest, first, unchanged }: Pair, least: number): Figure[] {
  const run = (what: string, cost: Cost): Figure[] => {
    const { calls, details, policies, milliseconds, own, peak } = cost;
    const apart = [
      ...(details === 0 ? [] : [`${count(details)} details more`]),
      ...(policies === 0 ? [] : [`${count(policies)} of policies`]),
    ].map((part) => `, ${part}`);
    return [
      {
        what,
        value: `${count(calls - details)} calls`,
        note: `${ratio(calls - details, least)} × that${apart.join('')}`,
      },
      { what: '  time', value: ms(milliseconds), note: `${ms(own)} of the process itself` },
      { what: '  peak memory', value: megabytes(peak), note: `${ratio(peak, atRest)} × at rest` },
    ];
  };
  return [...run('the first', first), ...run('again, unchanged', unchanged)];
}

function grown(what: string, now: Cost, before: Cost): Figure {
  return {
    what,
    value: `${ratio(now.milliseconds, before.milliseconds)} × time`,
    note: `${ratio(now.own, before.own)} × itself, ${ratio(now.calls, before.calls)} × calls, ${ratio(now.peak, before.peak)} × memory`,
  };
}
