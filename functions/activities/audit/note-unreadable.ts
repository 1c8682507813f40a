import type { AuditParts } from '../../../shared/domain/audit/audit-ports.ts';
import type { InventoryPart } from '../../../shared/domain/audit/inventory.ts';
import type { Problem } from '../../../shared/domain/errors.ts';

/** Names and ARM ids of what is under care. */
export interface UnderCare {
  readonly name: string;
  readonly id: string;
}

/** Writes down why a vault or service could not be read. Run again it writes the same. */
export function makeNoteUnreadable({
  parts,
  vaults,
  services,
}: {
  readonly parts: Pick<AuditParts, 'put'>;
  readonly vaults: readonly UnderCare[];
  readonly services: readonly UnderCare[];
}) {
  return async (input: {
    readonly audit: string;
    readonly kind: InventoryPart['kind'];
    readonly name: string;
    readonly problem: Problem;
    readonly at: string;
  }): Promise<null> => {
    const { audit, kind, name, problem, at } = input;
    const known = (kind === 'vault' ? vaults : services).find((one) => one.name === name);
    // Taken out of the configuration while the audit went on: nobody asks about it any more.
    if (known !== undefined) await parts.put(audit, toUnreadable(kind, known, problem, at));
    return null;
  };
}

/** The part of a vault or service of which nothing is known but why. */
export function toUnreadable(
  kind: InventoryPart['kind'],
  { name, id: resourceId }: UnderCare,
  unreadable: Problem,
  readAt: string,
): InventoryPart {
  const base = { name, resourceId, readAt, unreadable };
  return kind === 'vault'
    ? { kind, ...base, certificates: [] }
    : {
        ...{ kind, ...base, tier: '', clients: [], workspaces: [], ca: [] },
        ...{ hostnames: [], gateways: [], gaps: [] },
      };
}
