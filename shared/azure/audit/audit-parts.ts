/**
 * What a running audit has read, a blob a vault or service: too large for the engine's history, and
 * there again after a crash. They go when the report has been made of them.
 *
 * | container           | name                              | contents      |
 * | ------------------- | --------------------------------- | ------------- |
 * | `certkeeper-audits` | `{audit}/parts/{kind}-{name}.json` | InventoryPart |
 */
import type { BlobContainer } from '../blobs.ts';
import { mapBounded } from '../../map-bounded.ts';
import type { AuditParts, PartName } from '../../domain/audit/audit-ports.ts';
import type { InventoryPart } from '../../domain/audit/inventory.ts';

/** A vault of 100,000 certificates is some 150 MB. */
const LARGEST_PART = 256 * 1024 * 1024;
const SIDE_BY_SIDE = 8;

export function makeAuditParts(
  blobs: Pick<BlobContainer, 'get' | 'has' | 'list' | 'put' | 'remove'>,
): AuditParts {
  return {
    has: (audit, part) => blobs.has(nameOf(audit, part)),

    async put(audit, part) {
      const bytes = Buffer.from(JSON.stringify(part));
      await blobs.put(nameOf(audit, part), bytes, 'application/json');
    },

    async *all(audit) {
      for await (const names of batches(blobs.list(partsOf(audit)))) {
        const all = await mapBounded(names, SIDE_BY_SIDE, (name) => blobs.get(name, LARGEST_PART));
        for (const bytes of all) {
          // Written by `put` above, by this version or by the one that began this audit.
          if (bytes !== undefined) yield JSON.parse(Buffer.from(bytes).toString()) as InventoryPart;
        }
      }
    },

    async drop(audit) {
      for await (const names of batches(blobs.list(partsOf(audit)))) {
        await mapBounded(names, SIDE_BY_SIDE, (name) => blobs.remove(name));
      }
    },
  };
}

function partsOf(audit: string): string {
  return `${audit}/parts/`;
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
