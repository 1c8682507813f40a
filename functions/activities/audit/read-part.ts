import type {
  AuditParts,
  ServiceInventories,
  UsageOverview,
  VaultInventories,
} from '../../../shared/domain/audit/audit-ports.ts';
import type { ServiceInventory } from '../../../shared/domain/audit/inventory.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { AccessReader } from '../../../shared/domain/access-ports.ts';

interface PartInput {
  readonly audit: string;
  readonly name: string;
}

/**
 * Reads a vault for an audit, unless that was done before a crash. It is listed once, by the first
 * call; what a call reads of a large vault is kept by itself, so the next one goes on, and the part is
 * written by the last.
 *
 * Thrown when the vault cannot be read; when that is because it is gone, TerminalError
 * `VAULT_DELETED` or `VAULT_NOT_FOUND`.
 */
export function makeReadVault(ports: {
  readonly inventories: VaultInventories;
  readonly access: Pick<AccessReader, 'vault'>;
  readonly parts: Pick<AuditParts, 'has' | 'listing' | 'put' | 'putListing'>;
}) {
  return async (
    input: PartInput & { readonly after?: string },
  ): Promise<{ readonly after?: string }> => {
    const { inventories, access, parts } = ports;
    const { audit, name, after } = input;
    if (await parts.has(audit, { kind: 'vault', name })) return {};
    const listed = after === undefined ? undefined : await parts.listing(audit, name);
    const fail = async (error: unknown): Promise<never> => {
      throw await saidByResourceManager(access, name, error);
    };
    const listing = listed ?? (await inventories.list(name).catch(fail));
    const reading = await inventories.read(listing, after).catch(fail);
    if (reading.kind === 'whole') {
      await parts.put(audit, reading.inventory);
      return {};
    }
    if (listed === undefined) await parts.putListing(audit, listing);
    return { after: reading.after };
  };
}

/** Why a vault cannot be read is said by Resource Manager, where it is the vault itself. */
async function saidByResourceManager(
  access: Pick<AccessReader, 'vault'>,
  name: string,
  error: unknown,
): Promise<unknown> {
  try {
    await access.vault(name);
  } catch (second) {
    const code = second instanceof TerminalError ? second.problem.code : undefined;
    if (code === 'VAULT_DELETED' || code === 'VAULT_NOT_FOUND') return second;
  }
  return error;
}

/**
 * Reads a service for an audit, unless that was done before a crash, and what the index knows of the
 * use of its certificates.
 *
 * Thrown when the service cannot be read.
 */
export function makeReadService(ports: {
  readonly inventories: ServiceInventories;
  readonly usage: UsageOverview;
  readonly parts: Pick<AuditParts, 'has' | 'put'>;
}) {
  return async ({ audit, name }: PartInput): Promise<null> => {
    if (await ports.parts.has(audit, { kind: 'service', name })) return null;
    const inventory = await ports.inventories.read(name);
    const usage = await ports.usage.of(inventory.name, certificatesOf(inventory));
    await ports.parts.put(audit, { ...inventory, ...(usage === undefined ? {} : { usage }) });
    return null;
  };
}

function certificatesOf({ name: service, clients, workspaces }: ServiceInventory) {
  return [
    ...clients.map(({ id, thumbprint }) => ({
      target: { kind: 'client-certificate', service, id } as const,
      ...(thumbprint === undefined ? {} : { thumbprint }),
    })),
    ...workspaces.flatMap(({ name: workspace, certificates }) =>
      certificates.map(({ id, thumbprint }) => ({
        target: { kind: 'workspace-certificate', service, workspace, id } as const,
        ...(thumbprint === undefined ? {} : { thumbprint }),
      })),
    ),
  ];
}
