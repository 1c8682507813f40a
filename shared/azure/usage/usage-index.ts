import { formatCursor, parseCursor } from './cursor.ts';
import { dropService, finishRound } from './finish-round.ts';
import { Gate } from './gate.ts';
import { listedInRound, type Round } from './listed-rows.ts';
import { toReadError } from './read-documents.ts';
import { AT_ONCE } from './read-part.ts';
import { Reading } from './reading.ts';
import { sealThumbprint } from './seal.ts';
import { readMeta, type UsageTable } from './usage-rows.ts';
import { usedUnder } from './used-rows.ts';
import { walkOn, type Walked } from './walk-round.ts';
import type { AzureClients } from '../azure-clients.ts';
import { requireService, type CaredFor } from '../cared-for.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { IndexedUsage, UsageIndex, UsageRefreshed } from '../../domain/usage-ports.ts';
import {
  keyOfSource,
  keyOfThumbprint,
  keysOf,
  referencesAt,
  type UseKey,
} from '../../domain/resolve-uses.ts';

/** Calls to Azure after which a refresh leaves off: some seconds of them. */
const CALLS_AT_ONCE = 200;

/**
 * The index over table storage. A round is a walk (see parts.ts) that reads texts only where their
 * ETag changed, and then writes out what follows from it (see finish-round.ts). Nothing of a round
 * is kept in memory between its calls.
 */
export function makeUsageIndex(
  clients: AzureClients,
  services: readonly CaredFor[],
  vaultSuffix: string,
  now: () => Date,
  table: UsageTable,
  callsAtOnce = CALLS_AT_ONCE,
): UsageIndex {
  const under = async (
    service: string,
    keys: readonly UseKey[],
  ): Promise<IndexedUsage | undefined> => {
    const [meta, found] = await Promise.all([
      readMeta(table, service),
      Promise.all(keys.map((key) => usedUnder(table, service, key))),
    ]);
    if (meta === undefined) return undefined;
    const leftOut = found.reduce((sum, one) => sum + one.leftOut, 0);
    return {
      asOf: meta.at,
      references: referencesAt(
        found
          .flatMap(({ keyed }) => keyed)
          .sort((a, b) => (a.reference.document < b.reference.document ? -1 : 1)),
        keys,
      ),
      ...(leftOut === 0 ? {} : { leftOut }),
    };
  };

  const drop = async (service: string, at: string): Promise<UsageRefreshed> => {
    const more = await dropService(service, table);
    const after = more ? { after: formatCursor(at, 'drop') } : {};
    return { ...after, documents: 0, read: 0, problems: [] };
  };

  return {
    async refresh(name, { at, after }) {
      const service = requireService(services, name);
      const cursor = parseCursor(at, after);
      if (cursor === 'drop') return await drop(service.name, at);
      const reading = new Reading(new Gate(AT_ONCE), now);
      const round: Round = { service, at, meta: await readMeta(table, service.name) };
      // Its retries wait as long as `Retry-After` asks.
      const client = clients.apiManagement(service.subscriptionId, 'list');
      let walked: Walked = { documents: 0, problems: [] };
      try {
        if (cursor !== 'finish') {
          const listed = await listedInRound(round, table, clients, reading);
          walked = await walkOn(
            { client, service, reading, listed, after: cursor },
            { at, calls: callsAtOnce },
            table,
            clients,
          );
        }
        const { position, ...told } = walked;
        const counts = { ...told, read: reading.bodies };
        if (position !== undefined) return { after: formatCursor(at, position), ...counts };
        // A call that has walked long leaves the end to another.
        if (cursor !== 'finish' && reading.gate.calls >= callsAtOnce) {
          return { after: formatCursor(at, 'finish'), ...counts };
        }
        const { resourceGroup } = service;
        await reading.gate.run(() => client.apiManagementService.get(resourceGroup, service.name));
        const more = await finishRound(round, vaultSuffix, table, clients, reading);
        return { ...(more ? { after: formatCursor(at, 'finish') } : {}), ...counts };
      } catch (error) {
        const failure = await asServiceGone(error, clients, service);
        if (failure === 'gone') return await drop(service.name, at);
        throw failure;
      }
    },

    async asOf(service) {
      return (await readMeta(table, service))?.at;
    },

    of: (target, thumbprints) => under(target.service, keysOf(target, thumbprints, sealThumbprint)),

    ofThumbprint: (service, thumbprint) =>
      under(service, [keyOfThumbprint(sealThumbprint(thumbprint))]),

    ofSource: (service, source) => under(service, [keyOfSource(source)]),
  };
}

async function asServiceGone(
  error: unknown,
  clients: AzureClients,
  service: CaredFor,
): Promise<Error | 'gone'> {
  let failure: Error;
  try {
    failure = await toReadError(error, clients, service, service.name);
  } catch (other) {
    if (!(other instanceof Error)) throw other;
    failure = other;
  }
  const gone = failure instanceof TerminalError && failure.problem.code === 'SERVICE_NOT_FOUND';
  return gone ? 'gone' : failure;
}
