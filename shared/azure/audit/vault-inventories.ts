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
    async list(name) {
      const vault = requireVault(parts.vaults, name);
      const readAt = parts.now().toISOString();
      const certificates: ListedSource[] = [];
      for await (const one of parts.lists.list(vault.name)) certificates.push(one);
      const deleted = await readDeleted(listClient(clients, vault), vault);
      const kept = await keptOf(table, vault.name);
      await forgetDetails(table, vault.name, kept, isIn(certificates));
      const wanted = certificates.filter((one) => isToBeRead(one, kept, parts));
      return {
        ...{ vault: vault.name, readAt, certificates },
        ...(deleted === undefined ? {} : { deleted }),
        wanted: wanted.map(({ source }) => source.name).sort(),
      };
    },

    async read({ vault: name, readAt, certificates, deleted, wanted }, after = '') {
      const vault = requireVault(parts.vaults, name);
      const open = wanted.filter((one) => one > after);
      const now = open.slice(0, detailsAtOnce);
      const gap = await readDetails({ client: listClient(clients, vault), vault, table }, now);
      // What could not be read now is left to the next audit, and so is what comes after it.
      const last = open.length > now.length && gap === undefined ? now.at(-1) : undefined;
      if (last !== undefined) return { kind: 'part', after: last };
      const { details, chains } = await keptOf(table, vault.name);
      const inventory: VaultInventory = {
        ...{ kind: 'vault', name: vault.name, resourceId: vault.id, readAt },
        certificates: certificates.map((one) =>
          toVaultCertificate(one, details, chains, parts.vaultSuffix),
        ),
        ...(deleted === undefined ? {} : { deleted }),
        ...(gap === undefined ? {} : { gaps: [gap] }),
      };
      return { kind: 'whole', inventory };
    },
  };
}

/** Whatever waits for `Retry-After` does so by itself: a call here is one of many. */
function listClient(clients: AzureClients, vault: CaredFor): CertificateClient {
  return clients.vault(vault.name, 'list');
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

/**
 * Reads and keeps. What stands in the way of one holds up no other, unless it may be in all of theirs.
 * @param names of certificates
 * @returns the first thing that stood in the way
 */
async function readDetails(
  { client, vault, table }: Reading,
  names: readonly string[],
): Promise<Problem | undefined> {
  const gaps: Problem[] = [];
  const isHopeless = (): boolean =>
    gaps.length >= MOST_GAPS || gaps.some(({ code }) => code !== 'AZURE_UNAVAILABLE');
  for (let at = 0; at < names.length && !isHopeless(); at += WRITTEN_TOGETHER) {
    const some = new Map<string, KeptDetails>();
    await mapBounded(names.slice(at, at + WRITTEN_TOGETHER), SIDE_BY_SIDE, async (name) => {
      if (isHopeless()) return;
      try {
        const details = toDetails(await client.getCertificate(name));
        if (details !== undefined) some.set(name, details);
      } catch (error) {
        // Gone since it was listed, or nothing that may be looked at now: the list stands.
        if (statusOf(error) === 404 || saysDisabled(error)) return;
        const what = formatSource({ vault: vault.name, name });
        gaps.push(toDomainError(error, mayRead(vault, what)).problem);
      }
    });
    await keepDetails(table, vault.name, some);
  }
  return gaps[0];
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
