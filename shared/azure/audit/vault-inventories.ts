import type {
  CertificateClient,
  CertificatePolicy,
  KeyVaultCertificateWithPolicy,
} from '@azure/keyvault-certificates';
import {
  forgetDetails,
  keepDetails,
  keptOf,
  type DetailsTable,
  type KeptDetails,
  type KeptOfVault,
} from './kept-details.ts';
import { toKeptLooks } from './kept-looks.ts';
import type { AzureClients } from '../azure-clients.ts';
import { requireVault, type CaredFor } from '../cared-for.ts';
import { saysDisabled, toThumbprint } from '../key-vault.ts';
import { allowOwnAtVault } from '../own-rights.ts';
import { statusOf, toDomainError, type Attempt } from '../to-domain-error.ts';
import { mapBounded } from '../../map-bounded.ts';
import { readPublicSide } from '../../certificates/read-public-side.ts';
import type { VaultInventories } from '../../domain/audit/audit-ports.ts';
import type { VaultCertificate, VaultInventory } from '../../domain/audit/inventory.ts';
import { TerminalError, type Problem } from '../../domain/errors.ts';
import type { ListedSource, Vaults } from '../../domain/vault-ports.ts';
import { formatSource } from '../../domain/source.ts';

export interface VaultInventoryParts {
  readonly clients: AzureClients;
  readonly vaults: readonly CaredFor[];
  readonly vaultSuffix: string;
  /** Reads a vault's list. */
  readonly lists: Pick<Vaults, 'list'>;
  readonly table: DetailsTable;
  /** What expires within so many days has its policy read anew. */
  readonly expiryDays: number;
  readonly now: () => Date;
  /** How many certificates a call reads the details of; left out but in tests. */
  readonly detailsAtOnce?: number;
}

/** Some minutes of reading: longer than that an activity should not take. */
const DETAILS_AT_ONCE = 2_000;
/** How many are written down together, so that what was read is not lost. */
const WRITTEN_TOGETHER = 100;
/** A vault takes 4,000 reads in 10 seconds from everybody (AZURE: "Key Vault service limits"). */
const SIDE_BY_SIDE = 8;
/** When so many calls have failed, the others will too. */
const MOST_GAPS = 10;
const DAY_MS = 86_400_000;

/**
 * Inventories of the vaults under care. Pages are as large as the service makes them: 25 is both what
 * it answers unasked and the most that it may be asked for (REST reference, Get Certificates).
 */
export function makeVaultInventories(parts: VaultInventoryParts): VaultInventories {
  const { clients, table, detailsAtOnce = DETAILS_AT_ONCE } = parts;
  return {
    async read(name, after = '') {
      const vault = requireVault(parts.vaults, name);
      // Whatever waits for `Retry-After` does so by itself: a call here is one of many.
      const client = clients.vault(vault.name, 'list');
      const readAt = parts.now().toISOString();
      const listed: ListedSource[] = [];
      for await (const one of parts.lists.list(vault.name)) listed.push(one);
      const deleted = await readDeleted(client, vault);
      const kept = await keptOf(table, vault.name);
      await forgetDetails(table, vault.name, kept, isIn(listed));
      const wanted = listed
        .filter((one) => one.source.name > after && isToBeRead(one, kept, parts))
        .sort((a, b) => (a.source.name < b.source.name ? -1 : 1));
      const now = wanted.slice(0, detailsAtOnce);
      const { read, gaps } = await readDetails({ client, vault, table }, now);
      const details = new Map([...kept.details, ...read]);
      const inventory: VaultInventory = {
        ...{ kind: 'vault', name: vault.name, resourceId: vault.id, readAt },
        certificates: listed.map((one) =>
          toVaultCertificate(one, details, kept.chains, parts.vaultSuffix),
        ),
        ...(deleted === undefined ? {} : { deleted }),
        ...(gaps.length === 0 ? {} : { gaps }),
      };
      // What could not be read now is left to the next audit, and so is what comes after it.
      const last = wanted.length > now.length && gaps.length === 0 ? now.at(-1) : undefined;
      return { inventory, ...(last === undefined ? {} : { after: last.source.name }) };
    },
  };
}

function isIn(listed: readonly ListedSource[]): (name: string) => boolean {
  const names = new Set(listed.map(({ source }) => source.name));
  return (name) => names.has(name);
}

/**
 * A version says the same for ever, and a file that is imported again makes another one of the same
 * thumbprint. Its policy may be changed, which counts in the time before it is found to expire: that
 * nothing renews it is told twice as early ({@link file://./../../domain/audit/expiry.ts}).
 */
function isToBeRead(
  { source, thumbprint, createdAt, expiresAt }: ListedSource,
  { details }: KeptOfVault,
  { expiryDays, now }: VaultInventoryParts,
): boolean {
  // While the first version is still being issued there is nothing to read.
  if (thumbprint === undefined) return false;
  const known = details.get(source.name);
  if (known?.thumbprint !== thumbprint || known.createdAt !== createdAt) return true;
  if (expiresAt === undefined) return false;
  const left = Date.parse(expiresAt) - now().getTime();
  return left > 0 && left <= 2 * expiryDays * DAY_MS;
}

interface Reading {
  readonly client: CertificateClient;
  readonly vault: CaredFor;
  readonly table: DetailsTable;
}

/** Reads and keeps. What stands in the way of one holds up no other, unless it may be in all of theirs. */
async function readDetails(
  { client, vault, table }: Reading,
  wanted: readonly ListedSource[],
): Promise<{ readonly read: ReadonlyMap<string, KeptDetails>; readonly gaps: readonly Problem[] }> {
  const read = new Map<string, KeptDetails>();
  const gaps: Problem[] = [];
  const isHopeless = (): boolean =>
    gaps.length >= MOST_GAPS || gaps.some(({ code }) => code !== 'AZURE_UNAVAILABLE');
  for (let at = 0; at < wanted.length && !isHopeless(); at += WRITTEN_TOGETHER) {
    const some = new Map<string, KeptDetails>();
    await mapBounded(wanted.slice(at, at + WRITTEN_TOGETHER), SIDE_BY_SIDE, async ({ source }) => {
      if (isHopeless()) return;
      try {
        const details = toDetails(await client.getCertificate(source.name));
        if (details !== undefined) some.set(source.name, details);
      } catch (error) {
        // Gone since it was listed, or nothing that may be looked at now: the list stands.
        if (statusOf(error) === 404 || saysDisabled(error)) return;
        gaps.push(toDomainError(error, mayRead(vault, formatSource(source))).problem);
      }
    });
    await keepDetails(table, vault.name, some);
    for (const [name, details] of some) read.set(name, details);
  }
  return { read, gaps: gaps.slice(0, 1) };
}

/** Undefined when it cannot be understood: such a certificate is told without details. */
function toDetails({
  cer,
  properties,
  policy,
}: KeyVaultCertificateWithPolicy): KeptDetails | undefined {
  const thumbprint = toThumbprint(properties);
  const { version } = properties;
  if (cer === undefined || thumbprint === undefined || version === undefined) return undefined;
  try {
    const { looks, ...side } = readPublicSide(cer);
    const details = { looks: toKeptLooks(looks), ...side, renewal: renewalOf(policy) };
    const createdAt = properties.createdOn?.toISOString();
    return { thumbprint, version, ...(createdAt === undefined ? {} : { createdAt }), details };
  } catch (error) {
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}

/**
 * Whether the vault renews it by itself. Of a certificate that was issued elsewhere (issuer `Unknown`)
 * it cannot, whatever its policy says ("About Azure Key Vault certificates", issuers).
 */
function renewalOf(policy: CertificatePolicy | undefined): 'auto' | 'notify-only' | 'none' {
  const actions = (policy?.lifetimeActions ?? []).map(({ action }) => action);
  const issued = policy?.issuerName !== undefined && policy.issuerName !== 'Unknown';
  if (issued && actions.includes('AutoRenew')) return 'auto';
  return actions.includes('EmailContacts') ? 'notify-only' : 'none';
}

/** Undefined when Certkeeper may not list them, or the vault keeps none. */
async function readDeleted(
  client: CertificateClient,
  vault: CaredFor,
): Promise<VaultInventory['deleted']> {
  const deleted = [];
  try {
    for await (const one of client.listDeletedCertificates()) {
      const until = one.scheduledPurgeDate?.toISOString();
      deleted.push({
        name: one.name.toLowerCase(),
        ...(until === undefined ? {} : { recoverableUntil: until }),
      });
    }
    return deleted;
  } catch (error) {
    const failure = toDomainError(
      error,
      mayRead(vault, `the deleted certificates of ${vault.name}`),
    );
    if (failure instanceof TerminalError) return undefined;
    throw failure;
  }
}

function toVaultCertificate(
  { source, tags, ...listed }: ListedSource,
  kept: ReadonlyMap<string, KeptDetails>,
  chains: KeptOfVault['chains'],
  suffix: string,
): VaultCertificate {
  const known = kept.get(source.name);
  const own = known?.thumbprint === listed.thumbprint ? known : undefined;
  const note = chains.get(source.name);
  const chain =
    note !== undefined && note.thumbprint === listed.thumbprint ? note.chain : undefined;
  return {
    name: source.name,
    resourceId: `https://${source.vault}.${suffix}/certificates/${source.name}`,
    ...listed,
    tags: toldTags(tags),
    ...(own === undefined
      ? {}
      : {
          version: own.version,
          details: { ...own.details, ...(chain === undefined ? {} : { chain }) },
        }),
  };
}

/** Others may hold anything, and are nobody's business here. */
function toldTags(tags: ListedSource['tags']): ListedSource['tags'] {
  return Object.fromEntries(
    Object.entries(tags).filter(([name]) => name === 'owner' || /^certkeeper(-|$)/.test(name)),
  );
}

function mayRead(vault: CaredFor, what: string): Attempt {
  return {
    resource: vault.id,
    doing: `read ${what}`,
    grant: allowOwnAtVault('Key Vault Reader', vault, { certificates: 'get list' }),
  };
}
