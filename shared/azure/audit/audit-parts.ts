/**
 * What a running audit has read, a blob a vault or service: too large for the engine's history, and
 * there again after a crash. They go when the report has been made of them, or a day later.
 *
 * | container           | name                               | contents      |
 * | ------------------- | ---------------------------------- | ------------- |
 * | `certkeeper-audits` | `{audit}/parts/{kind}-{name}.json` | InventoryPart |
 * |                     | `{audit}/listings/{vault}.json`    | VaultListing  |
 */
import type { BlobContainer } from '../blobs.ts';
import { mapBounded } from '../../map-bounded.ts';
import { toAuditId } from '../../domain/audit/audit-id.ts';
import type { AuditParts, PartName, VaultListing } from '../../domain/audit/audit-ports.ts';
import type { InventoryPart } from '../../domain/audit/inventory.ts';

/** A vault of 100,000 certificates is some 150 MB. */
const LARGEST_PART = 256 * 1024 * 1024;
const SIDE_BY_SIDE = 8;

export function makeAuditParts(
  blobs: Pick<BlobContainer, 'get' | 'has' | 'list' | 'put' | 'remove'>,
): AuditParts {
  async function remove(all: AsyncIterable<string>): Promise<void> {
    for await (const names of batches(all)) {
      await mapBounded(names, SIDE_BY_SIDE, (name) => blobs.remove(name));
    }
  }

  /** Names come in their order, and begin with the time. */
  async function* startedBefore(end: string): AsyncGenerator<string> {
    for await (const name of blobs.list('')) {
      if (name >= end) return;
      const [audit = ''] = name.split('/');
      if ([partsOf(audit), listingsOf(audit)].some((folder) => name.startsWith(folder))) yield name;
    }
  }

  return {
    has: (audit, part) => blobs.has(nameOf(audit, part)),

    async put(audit, part) {
      await blobs.put(nameOf(audit, part), toBytes(part), 'application/json');
    },

    async *all(audit) {
      for await (const names of batches(blobs.list(partsOf(audit)))) {
        const all = await mapBounded(names, SIDE_BY_SIDE, (name) => blobs.get(name, LARGEST_PART));
        for (const bytes of all) {
          // Written by `put` above, by this version or by the one that began this audit.
          if (bytes !== undefined) yield fromBytes(bytes) as InventoryPart;
        }
      }
    },

    async listing(audit, vault) {
      const bytes = await blobs.get(listingOf(audit, vault), LARGEST_PART);
      // Written by `putListing` below, by this version or by the one that began this audit.
      return bytes === undefined ? undefined : (fromBytes(bytes) as VaultListing);
    },

    async putListing(audit, listing) {
      await blobs.put(listingOf(audit, listing.vault), toBytes(listing), 'application/json');
    },

    async drop(audit) {
      for (const names of [partsOf(audit), listingsOf(audit)]) await remove(blobs.list(names));
    },

    async dropBefore(before) {
      const end = toAuditId(before, '000000');
      await remove(startedBefore(end));
    },
  };
}

function partsOf(audit: string): string {
  return `${audit}/parts/`;
}

function listingsOf(audit: string): string {
  return `${audit}/listings/`;
}

function listingOf(audit: string, vault: string): string {
  return `${listingsOf(audit)}${vault.toLowerCase()}.json`;
}

function toBytes(content: InventoryPart | VaultListing): Uint8Array {
  return Buffer.from(JSON.stringify(content));
}

function fromBytes(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** Names of vaults and services are letters, digits and hyphens. */
function nameOf(audit: string, { kind, name }: PartName): string {
  return `${partsOf(audit)}${kind}-${name.toLowerCase()}.json`;
}

async function* batches(names: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let some: string[] = [];
  for await (const name of names) {
    some.push(name);
    if (some.length < SIDE_BY_SIDE) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
