/**
 * What certificates of vaults say of themselves, kept so that each is read once a version. One row a
 * certificate: that of its latest version. Whether its file has its chain is found elsewhere, and
 * stands in a row of its own.
 *
 * | partition        | key             | document                          |
 * | ---------------- | --------------- | --------------------------------- |
 * | `details\|{vault}` | `{name}`        | KeptDetails                       |
 * |                  | `{name}\|chain` | thumbprint, `complete`/`incomplete` |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { looksSchema } from '../ledger.ts';
import { encodeKey, type DocumentTable, type Row } from '../tables.ts';
import type { ChainNotes } from '../../domain/audit/audit-ports.ts';
import type { CertificateDetails } from '../../domain/audit/inventory.ts';
import type { Source } from '../../domain/source.ts';

export type DetailsTable = Pick<DocumentTable, 'list' | 'put' | 'remove'>;

/** What was read of a version. */
export interface KeptDetails {
  readonly thumbprint: string;
  readonly version: string;
  readonly createdAt?: string;
  readonly details: Omit<CertificateDetails, 'chain'>;
}

interface ChainNote {
  readonly thumbprint: string;
  readonly chain: 'complete' | 'incomplete';
}

/** What is kept of a vault, by the names of its certificates. */
export interface KeptOfVault {
  readonly details: ReadonlyMap<string, KeptDetails>;
  readonly chains: ReadonlyMap<string, ChainNote>;
}

const detailsSchema = z.object({
  thumbprint: z.string(),
  version: z.string(),
  createdAt: z.string().exactOptional(),
  details: z.object({
    looks: looksSchema,
    publicKeyDigest: z.string(),
    selfSigned: z.boolean(),
    renewal: z.enum(['auto', 'notify-only', 'none']),
  }),
}) satisfies z.ZodType<KeptDetails>;
const chainSchema = z.object({
  thumbprint: z.string(),
  chain: z.enum(['complete', 'incomplete']),
}) satisfies z.ZodType<ChainNote>;

const CHAIN = '|chain';

/** One query. What cannot be read is as if it were not there, and is read anew. */
export async function keptOf(table: DetailsTable, vault: string): Promise<KeptOfVault> {
  const details = new Map<string, KeptDetails>();
  const chains = new Map<string, ChainNote>();
  const partition = partitionOf(vault);
  for await (const { key, document } of table.list(odata`PartitionKey eq ${partition}`)) {
    if (key.endsWith(CHAIN)) {
      const { data } = chainSchema.safeParse(document);
      if (data !== undefined) chains.set(key.slice(0, -CHAIN.length), data);
    } else {
      const { data } = detailsSchema.safeParse(document);
      if (data !== undefined) details.set(key, data);
    }
  }
  return { details, chains };
}

export async function keepDetails(
  table: DetailsTable,
  vault: string,
  all: ReadonlyMap<string, KeptDetails>,
): Promise<void> {
  const rows = [...all].map(([name, kept]): Row => ({
    ...{ partition: partitionOf(vault), key: keyOf(name) },
    document: kept,
  }));
  if (rows.length > 0) await table.put(rows);
}

/** Forgets certificates that are gone. */
export async function forgetDetails(
  table: DetailsTable,
  vault: string,
  { details, chains }: KeptOfVault,
  isThere: (name: string) => boolean,
): Promise<void> {
  const partition = partitionOf(vault);
  for (const name of details.keys()) {
    if (!isThere(name)) await table.remove(partition, keyOf(name));
  }
  for (const name of chains.keys()) {
    if (!isThere(name)) await table.remove(partition, `${keyOf(name)}${CHAIN}`);
  }
}

export function makeChainNotes(table: DetailsTable): ChainNotes {
  return {
    async note({ vault, name }: Source, thumbprint, chain) {
      const document: ChainNote = { thumbprint, chain };
      await table.put([{ partition: partitionOf(vault), key: `${keyOf(name)}${CHAIN}`, document }]);
    },
  };
}

function partitionOf(vault: string): string {
  return `details|${encodeKey(vault)}`;
}

/** Names are letters, digits and hyphens, and so are their keys. */
function keyOf(name: string): string {
  return encodeKey(name.toLowerCase());
}
