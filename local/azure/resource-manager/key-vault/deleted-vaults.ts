/** Soft-deleted vaults: list, read, purge. Source: REST reference, Vaults (deleted). */
import { AzureFault, type World } from '../../service.ts';
import type { LongRunning } from '../long-running.ts';
import { toPage } from '../paging.ts';
import { toLocation } from '../resource-groups.ts';
import { isAtOrAbove } from '../resource-id.ts';
import { ok, type ArmCall, type ArmRoute } from '../route.ts';
import type { DeletedVault, Vaults } from './vault-store.ts';
import { VAULT_VERSIONS } from './vault-properties.ts';

const FOLDER = '/subscriptions/{subscriptionId}/providers/Microsoft.KeyVault';
const DELETED = `${FOLDER}/locations/{location}/deletedVaults/{vaultName}`;
const RESULT = `${FOLDER}/locations/{location}/operationResults/{operationId}`;

export function deletedVaultRoutes(
  { store }: World,
  vaults: Vaults,
  longRunning: LongRunning,
): ArmRoute[] {
  const subscriptionOf = (call: ArmCall): string =>
    `/subscriptions/${call.param('subscriptionId')}`;
  const get = (call: ArmCall): DeletedVault => {
    const name = call.param('vaultName');
    const found = vaults.findDeleted(name);
    if (
      found !== undefined &&
      isAtOrAbove(subscriptionOf(call), found.vault.id) &&
      found.vault.location === toLocation(call.param('location'))
    ) {
      return found;
    }
    throw new AzureFault(
      404,
      'DeletedVaultNotFound',
      `The specified deleted vault '${name}' does not exist.`,
    );
  };

  const list = (call: ArmCall) => {
    const found = vaults
      .listDeleted()
      .filter(({ vault }) => isAtOrAbove(subscriptionOf(call), vault.id));
    return ok(toPage(call.request, found.map(toWire), 100));
  };

  const purge = (call: ArmCall) => {
    const { vault } = get(call);
    if (vault.properties.enablePurgeProtection === true) {
      // Assumed code; the soft-delete overview says that purging is refused until the retention ends.
      throw new AzureFault(
        409,
        'ForbiddenByPolicy',
        `The vault '${vault.name}' has purge protection and cannot be purged before its retention is over.`,
      );
    }
    const operation = store.transaction(() => {
      vaults.purge(vault.name);
      const folder = `${subscriptionOf(call)}/providers/Microsoft.KeyVault/locations/${vault.location}/operationResults`;
      return longRunning.start(folder, 0);
    });
    return { status: 202, headers: longRunning.headers(operation, call.apiVersion) };
  };

  const versions = VAULT_VERSIONS;
  return [
    { method: 'GET', path: `${FOLDER}/deletedVaults`, versions, handle: list },
    { method: 'GET', path: DELETED, versions, handle: (call) => ok(toWire(get(call))) },
    { method: 'POST', path: `${DELETED}/purge`, versions, handle: purge },
    {
      method: 'GET',
      path: RESULT,
      versions,
      handle: (call) =>
        longRunning.answer(call, call.param('operationId'), () => ({ status: 200 })),
    },
  ];
}

function toWire({ vault, deletedAt, purgeAt }: DeletedVault): Record<string, unknown> {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(vault.id)?.[0] ?? '';
  return {
    id: `${subscription}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`,
    name: vault.name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId: vault.id,
      location: vault.location,
      tags: vault.tags,
      deletionDate: deletedAt,
      scheduledPurgeDate: purgeAt,
      ...(vault.properties.enablePurgeProtection === true ? { purgeProtectionEnabled: true } : {}),
    },
  };
}
