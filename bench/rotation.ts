/** How long a rotation takes on one machine, what it costs in calls to Azure, and in memory. */
import path from 'node:path';
import { startSystem } from '../local/system.ts';
import { makeRotations, makeServices } from './fleet.ts';
import { residentMemory } from './memory.ts';
import { megabytes, ms, percentile, printFigures, progress } from './print.ts';

/** What one process measures; it loads the app once, so each fleet has a process of its own. */
export interface FleetFigures {
  /** Milliseconds from the vault's answer, its event raised, to the recorded outcome. */
  readonly latencies: readonly number[];
  readonly calls: Readonly<Record<string, number>>;
  /** Bytes. */
  readonly atRest: number;
  readonly afterwards: number;
}

export interface FleetSize {
  readonly services: number;
  readonly targets: number;
  /** Workspaces that hold the certificate too. */
  readonly workspaces: number;
  readonly rotations: number;
}

/** Brings a system up over a fleet of a size, rotates, and takes it down again. */
export async function measureFleet(folder: string, size: FleetSize): Promise<FleetFigures> {
  const { services, targets, workspaces, rotations } = size;
  const name = fleetName(size);
  progress(`${name}: bringing them up …`);
  const system = await startSystem({
    port: 0,
    azurePort: 0,
    storagePort: 0,
    stateDir: path.join(folder, `fleet-${String(services)}-${String(workspaces)}`),
    prepare: (azureUrl) => makeServices(azureUrl, size),
  });
  try {
    const fleet = makeRotations(system, targets + workspaces);
    await fleet.ready();
    const atRest = residentMemory(process.pid);
    const latencies: number[] = [];
    for (let turn = 0; turn < rotations; turn += 1) {
      progress(`${name}: rotation ${String(turn + 1)} of ${String(rotations)} …`);
      const { raisedAt, verifiedAt } = await fleet.rotate();
      latencies.push(verifiedAt - raisedAt);
    }
    const calls = await fleet.calls();
    return { latencies, calls, atRest, afterwards: residentMemory(process.pid) };
  } finally {
    progress('');
    await system.stop();
  }
}

/** What people call a fleet that is measured. */
export function fleetName({ services, workspaces }: FleetSize): string {
  const some = services === 0 ? [] : [`${String(services)} services`];
  return [...some, ...(workspaces === 0 ? [] : [`${String(workspaces)} workspaces`])].join(', ');
}

/** Prints what certificates cost that are put into workspaces, which cannot read the vault. */
export function printWorkspaces(figures: FleetFigures, size: FleetSize): void {
  const [p50, p99] = [percentile(figures.latencies, 0.5), percentile(figures.latencies, 0.99)];
  const good = 1 + 3 * size.workspaces;
  printFigures(`Event → verified (${String(size.rotations)} rotations of ${fleetName(size)})`, [
    { what: 'p50', value: ms(p50) },
    { what: 'p99', value: ms(p99), note: `${(p99 / p50).toFixed(1)} × p50` },
    { what: 'calls to Azure', value: sum(figures.calls), note: words(figures.calls) },
    {
      what: 'source + secret, PUT and second look a workspace',
      value: String(good),
      note: sum(figures.calls) === String(good) ? 'equal' : 'NOT EQUAL',
    },
  ]);
}

/** Prints what the two fleets showed. */
export function printFleets(few: FleetFigures, many: FleetFigures, size: FleetSize): void {
  const [p50, p99] = [percentile(few.latencies, 0.5), percentile(few.latencies, 0.99)];
  const targets = `${String(size.targets)} targets`;
  printFigures(`Event → verified (${String(size.rotations)} rotations of ${targets})`, [
    { what: 'p50', value: ms(p50) },
    { what: 'p99', value: ms(p99), note: `${(p99 / p50).toFixed(1)} × p50` },
  ]);
  const good = 1 + size.targets;
  printFigures(`Calls to Azure for one rotation of ${targets}`, [
    { what: '10 services under care', value: sum(few.calls), note: words(few.calls) },
    { what: '1,000 services under care', value: sum(many.calls), note: words(many.calls) },
    { what: 'one source read + one refresh a target', value: String(good) },
    {
      what: 'equal',
      value: new Set([sum(few.calls), sum(many.calls), String(good)]).size === 1 ? 'yes' : 'NO',
    },
  ]);
  printFigures('Resident memory of the whole one-machine system', [
    { what: '10 services, at rest', value: megabytes(few.atRest) },
    {
      what: `10 services, after ${String(size.rotations)} rotations`,
      value: megabytes(few.afterwards),
      note: `${(few.afterwards / few.atRest).toFixed(2)} × at rest`,
    },
    { what: '1,000 services, at rest', value: megabytes(many.atRest) },
  ]);
}

const sum = (calls: Readonly<Record<string, number>>): string =>
  String(Object.values(calls).reduce((all, one) => all + one, 0));

const words = (calls: Readonly<Record<string, number>>): string =>
  Object.entries(calls)
    .map(([kind, count]) => `${String(count)} ${kind}`)
    .join(', ');
