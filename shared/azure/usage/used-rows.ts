/** The rows from which questions are answered: one for each document and key under which it refers. */
import * as z from 'zod';
import { digest, partitionOf, rowsOf, type UsageTable } from './usage-rows.ts';
import type { Row } from '../tables.ts';
import { USE_DOCUMENT_KINDS, type CertificateReference } from '../../domain/certificate-use.ts';
import type { KeyedReference, UseKey } from '../../domain/resolve-uses.ts';

/** Documents that are kept under one key; who uses more of them than anybody reads is counted. */
const DOCUMENTS_OF_A_KEY = 400;
/** Characters of the references of one document under one key. */
const REFERENCES_LENGTH = 28_000;
/** Of where a reference stands: it is for people. */
const PLACE_LENGTH = 300;

const referenceSchema = z.object({
  document: z.string(),
  kind: z.enum(USE_DOCUMENT_KINDS),
  at: z.string(),
  by: z.enum(['id', 'thumbprint', 'key-vault', 'expression', 'unreadable']),
  certainty: z.enum(['certain', 'possible']),
  via: z.string().exactOptional(),
  repairable: z.boolean(),
}) satisfies z.ZodType<CertificateReference>;
const rowSchema = z.object({
  references: z.array(referenceSchema),
  /** How many more there are than are kept. */
  leftOut: z.number(),
});

export function usedRows(service: string, keyed: readonly KeyedReference[]): Row[] {
  const partition = partitionOf('used', service);
  const keys = new Map<UseKey, Map<string, CertificateReference[]>>();
  for (const { key, reference } of keyed) {
    const documents = keys.get(key) ?? new Map<string, CertificateReference[]>();
    keys.set(key, documents);
    const own = documents.get(reference.document);
    if (own === undefined) documents.set(reference.document, [reference]);
    else own.push(reference);
  }
  return [...keys].flatMap(([key, documents]) => {
    // What is certain is what a verdict hangs on: it is the last to be left out.
    const ordered = [...documents].sort(bySureness);
    const over = ordered.slice(DOCUMENTS_OF_A_KEY);
    const leftOut = over.reduce((sum, [, references]) => sum + references.length, 0);
    return [
      ...ordered.slice(0, DOCUMENTS_OF_A_KEY).map(([path, references]) => ({
        partition,
        key: `${digest(key)}|${digest(path.toLowerCase())}`,
        document: toFit(references),
      })),
      ...(leftOut === 0
        ? []
        : [{ partition, key: `${digest(key)}|more`, document: { references: [], leftOut } }]),
    ];
  });
}

/** What is kept under a key. */
export interface UsedUnder {
  readonly keyed: readonly KeyedReference[];
  /** How many references there are besides. */
  readonly leftOut: number;
}

/** What is kept under a key; one query. */
export async function usedUnder(
  table: UsageTable,
  service: string,
  key: UseKey,
): Promise<UsedUnder> {
  const only = digest(key);
  const used = await gather(rowsOf(table, 'used', service, only), new Map([[only, key]]));
  return used.get(key) ?? NOTHING;
}

/**
 * What is kept of a service under any of these keys; one query.
 * @param wanted keys by their digests
 */
export async function usedOf(
  table: UsageTable,
  service: string,
  wanted: ReadonlyMap<string, UseKey>,
): Promise<ReadonlyMap<UseKey, UsedUnder>> {
  return await gather(rowsOf(table, 'used', service), wanted);
}

const NOTHING: UsedUnder = { keyed: [], leftOut: 0 };

async function gather(
  rows: ReturnType<typeof rowsOf>,
  wanted: ReadonlyMap<string, UseKey>,
): Promise<ReadonlyMap<UseKey, UsedUnder>> {
  const used = new Map<UseKey, { keyed: KeyedReference[]; leftOut: number }>();
  for await (const row of rows) {
    const key = wanted.get(row.key.slice(0, row.key.indexOf('|')));
    if (key === undefined) continue;
    const { references, leftOut } = rowSchema.parse(row.document);
    const under = used.get(key) ?? { keyed: [], leftOut: 0 };
    used.set(key, under);
    under.leftOut += leftOut;
    under.keyed.push(...references.map((reference) => ({ key, reference })));
  }
  return used;
}

function toFit(all: readonly CertificateReference[]): z.infer<typeof rowSchema> {
  const references: CertificateReference[] = [];
  let left = REFERENCES_LENGTH;
  for (const one of [...all].sort((a, b) => rank(a) - rank(b))) {
    const reference = { ...one, at: one.at.slice(0, PLACE_LENGTH) };
    left -= JSON.stringify(reference).length + 1;
    if (left < 0) break;
    references.push(reference);
  }
  return { references, leftOut: all.length - references.length };
}

function rank({ certainty }: CertificateReference): number {
  return certainty === 'certain' ? 0 : 1;
}

function bySureness(
  [a, ofA]: readonly [string, readonly CertificateReference[]],
  [b, ofB]: readonly [string, readonly CertificateReference[]],
): number {
  const sureness = Math.min(...ofA.map(rank)) - Math.min(...ofB.map(rank));
  if (sureness !== 0) return sureness;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
