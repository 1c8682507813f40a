/**
 * The end of a round: what the documents refer to is written out by difference. First what is new
 * is added, then the round is said to be complete, then what is no longer so is taken away: whoever
 * asks meanwhile may see a use too many, and never one too few.
 */
import { mapBounded } from '../../map-bounded.ts';
import { keptPaths, listPolicies, trustIn, type Round } from './listed-rows.ts';
import { AT_ONCE } from './read-part.ts';
import type { Reading } from './reading.ts';
import { sealThumbprint } from './seal.ts';
import {
  FAMILIES,
  fromDocumentRow,
  fromPartRow,
  partitionOf,
  putRows,
  rowsOf,
  writeMeta,
  type Meta,
  type UsageTable,
} from './usage-rows.ts';
import { usedRows } from './used-rows.ts';
import type { AzureClients } from '../azure-clients.ts';
import { attemptOn } from '../installed-certificate.ts';
import { toDomainError } from '../to-domain-error.ts';
import type { Row } from '../tables.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';
import { resolveUses } from '../../domain/resolve-uses.ts';

/** Rows that one call writes, and rows that it takes away. */
const ROWS_AT_ONCE = 2_000;

/**
 * Does a bounded piece of it; doing all of it twice leaves what doing it once leaves.
 * @returns whether there is more to do
 */
export async function finishRound(
  round: Round,
  vaultSuffix: string,
  table: UsageTable,
  clients: AzureClients,
  reading: Reading,
): Promise<boolean> {
  const { service, at, meta } = round;
  const gone = new Removal(table);
  const isDead = await deadParts(round, table, gone);
  const documents: UseDocument[] = [];
  for await (const row of rowsOf(table, 'documents', service.name)) {
    const { place, document } = fromDocumentRow(row);
    if (isDead(place)) gone.add(row);
    else documents.push(document);
  }

  const wanted = new Map(
    usedRows(service.name, resolveUses(documents, vaultSuffix, sealThumbprint)).map((row) => [
      row.key,
      row,
    ]),
  );
  for await (const row of rowsOf(table, 'used', service.name)) {
    const now = wanted.get(row.key);
    if (now === undefined) gone.add(row);
    else if (JSON.stringify(now.document) === JSON.stringify(row.document)) wanted.delete(row.key);
  }
  const missing = [...wanted.values()];
  await putRows(table, missing.slice(0, ROWS_AT_ONCE));
  if (missing.length > ROWS_AT_ONCE) return true;

  if (meta?.at !== at) {
    const listed = await trustAfter(round, documents, table, clients, reading);
    await writeMeta(table, service.name, { at, ...(listed === undefined ? {} : { listed }) });
  }
  return await gone.run();
}

/** Takes everything away that is known of a service; says whether there is more to do. */
export async function dropService(service: string, table: UsageTable): Promise<boolean> {
  // From then on nothing is answered from what is half gone.
  await table.remove(partitionOf('meta', service), 'meta');
  const gone = new Removal(table);
  for (const family of FAMILIES) {
    for await (const row of rowsOf(table, family, service)) {
      gone.add(row);
      if (gone.isFull) return await gone.run();
    }
  }
  return await gone.run();
}

/** Which parts were not seen in a round, and do not lie below something that could not be listed. */
async function deadParts(
  { service, at }: Round,
  table: UsageTable,
  gone: Removal,
): Promise<(place: string) => boolean> {
  const rows = [];
  for await (const row of rowsOf(table, 'parts', service.name)) {
    rows.push({ row, part: fromPartRow(row) });
  }
  const unlisted = rows
    .filter(({ part }) => part.at === at && part.unlisted === true)
    .map(({ part }) => `${part.place}/`);
  const alive = new Set<string>();
  for (const { row, part } of rows) {
    if (part.at === at || unlisted.some((place) => part.place.startsWith(place))) {
      alive.add(part.place);
    } else gone.addLast(row);
  }
  return (place) => !alive.has(place);
}

async function trustAfter(
  { service, at, meta }: Round,
  documents: readonly UseDocument[],
  table: UsageTable,
  clients: AzureClients,
  reading: Reading,
): Promise<Meta['listed']> {
  const kept = meta?.listed === undefined ? undefined : await keptPaths(table, service.name, at);
  let paths = kept;
  try {
    paths ??= await listPolicies(clients, service, reading);
  } catch (error) {
    throw toDomainError(error, attemptOn(service, `list the policies of ${service.name}`));
  }
  const trust = paths === undefined ? undefined : trustIn(paths, documents);
  if (trust === undefined) return undefined;
  // A round that went by the list has won no trust anew, but may have lost it.
  return { ...trust, since: kept === undefined ? at : (meta?.listed?.since ?? at) };
}

/** Rows that are to be taken away, so many at once. */
class Removal {
  readonly #table: UsageTable;
  readonly #rows: Row[] = [];
  readonly #last: Row[] = [];

  constructor(table: UsageTable) {
    this.#table = table;
  }

  get isFull(): boolean {
    return this.#rows.length > ROWS_AT_ONCE;
  }

  add(row: Row): void {
    this.#rows.push(row);
  }

  /** After the others: by these the others are found. */
  addLast(row: Row): void {
    this.#last.push(row);
  }

  /** Says whether there is more to do. */
  async run(): Promise<boolean> {
    const rows = [...this.#rows, ...this.#last];
    await mapBounded(rows.slice(0, ROWS_AT_ONCE), AT_ONCE, ({ partition, key }) =>
      this.#table.remove(partition, key),
    );
    return rows.length > ROWS_AT_ONCE;
  }
}
