import * as z from 'zod';
import { ListedPolicies } from './listed-policies.ts';
import type { Reading } from './reading.ts';
import { isRevision, ownerAt } from './policy-path.ts';
import { partitionOf, rowsOf, type Meta, type UsageTable } from './usage-rows.ts';
import type { AzureClients } from '../azure-clients.ts';
import type { CaredFor } from '../cared-for.ts';
import { statusOf } from '../to-domain-error.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';

/** A trust that is older than this is won anew, by a round that asks for everything. */
const TRUST_DAYS = 7;
/** So that a row holds them, however long they are. */
const PATHS_IN_A_ROW = 80;

const rowSchema = z.object({ at: z.string(), of: z.number(), paths: z.array(z.string()) });

/** What a round has to go by. */
export interface Round {
  readonly service: CaredFor;
  /** ISO 8601. */
  readonly at: string;
  readonly meta: Meta | undefined;
}

/**
 * The list of policies that a round goes by, where it may be trusted; read once a round, and kept
 * for its later calls.
 */
export async function listedInRound(
  { service, at, meta }: Round,
  table: UsageTable,
  clients: AzureClients,
  reading: Reading,
): Promise<ListedPolicies | undefined> {
  const trust = meta?.listed;
  if (trust === undefined || Date.parse(at) - Date.parse(trust.since) > TRUST_DAYS * 86_400_000) {
    return undefined;
  }
  const kept = await keptPaths(table, service.name, at);
  if (kept !== undefined) return new ListedPolicies(kept, trust.revisions);
  const paths = await listPolicies(clients, service, reading);
  if (paths === undefined) return undefined;
  await keepPaths(table, service.name, at, paths);
  return new ListedPolicies(paths, trust.revisions);
}

/**
 * Whether Azure's list may be trusted in later rounds: it shows every policy that was found
 * otherwise, and there is one to tell by.
 * @param documents everything that a round has found
 */
export function trustIn(
  paths: readonly string[],
  documents: Iterable<UseDocument>,
): { readonly revisions: boolean } | undefined {
  const listed = new ListedPolicies(paths, false);
  const seen = { current: { all: 0, shown: 0 }, revisions: { all: 0, shown: 0 } };
  for (const { kind, path, etag } of documents) {
    // Only what was really read says that a policy is there.
    const owner = kind === 'policy' && etag !== undefined ? ownerAt(path) : undefined;
    if (owner === undefined || owner.kind === 'resolver') continue;
    const kindOf = 'api' in owner && isRevision(owner.api) ? seen.revisions : seen.current;
    kindOf.all += 1;
    if (listed.has(path)) kindOf.shown += 1;
  }
  const whole = ({ all, shown }: { all: number; shown: number }) => all > 0 && all === shown;
  return whole(seen.current) ? { revisions: whole(seen.revisions) } : undefined;
}

/** Paths below the service; undefined when Azure does not list them. */
export async function listPolicies(
  clients: AzureClients,
  { subscriptionId, resourceGroup, name }: CaredFor,
  reading: Reading,
): Promise<string[] | undefined> {
  const client = clients.apiManagement(subscriptionId, 'list');
  try {
    const listed = await reading.list(() => client.allPolicies.listByService(resourceGroup, name));
    return listed.flatMap(({ referencePolicyId }) => {
      const path = /\/service\/[^/]+\/(.+)$/i.exec(referencePolicyId ?? '')?.[1];
      return path === undefined ? [] : [path];
    });
  } catch (error) {
    // Refused or not known there: everything is asked for instead. What passes is thrown.
    const status = statusOf(error);
    if (status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status)) {
      return undefined;
    }
    throw error;
  }
}

/** The list of this round, if all of it was kept. */
export async function keptPaths(
  table: UsageTable,
  service: string,
  at: string,
): Promise<string[] | undefined> {
  const paths: string[] = [];
  let [rows, wanted] = [0, -1];
  for await (const row of rowsOf(table, 'listed', service)) {
    const kept = rowSchema.parse(row.document);
    if (kept.at !== at) continue;
    rows += 1;
    wanted = kept.of;
    paths.push(...kept.paths);
  }
  return rows === wanted ? paths : undefined;
}

async function keepPaths(
  table: UsageTable,
  service: string,
  at: string,
  paths: readonly string[],
): Promise<void> {
  // No path at all is kept as one row without any.
  const of = Math.max(1, Math.ceil(paths.length / PATHS_IN_A_ROW));
  await table.put(
    Array.from({ length: of }, (_, number) => ({
      partition: partitionOf('listed', service),
      key: String(number).padStart(6, '0'),
      document: {
        at,
        of,
        paths: paths.slice(number * PATHS_IN_A_ROW, (number + 1) * PATHS_IN_A_ROW),
      },
    })),
  );
}
