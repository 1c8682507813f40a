import type { Principal } from '@azure/arm-authorization';
import type { AzureClients } from './azure-clients.ts';
import type { CaredFor } from './cared-for.ts';
import { assignOwnRole } from './own-rights.ts';
import { toDomainError, type Attempt } from './to-domain-error.ts';
import type { Denial, DeniedPrincipal, HeldRole } from '../domain/access-facts.ts';
import type { AccessReader } from '../domain/access-ports.ts';

/** Role assignments and deny assignments that count at a vault. */
export function makeRoleReader(
  clients: AzureClients,
  vaults: readonly CaredFor[],
): Pick<AccessReader, 'rolesAt' | 'denialsAt'> {
  const find = (id: string) => vaults.find((one) => one.id.toLowerCase() === id.toLowerCase());
  return {
    async rolesAt(vaultId, objectId) {
      const vault = find(vaultId);
      if (vault === undefined) return [];
      const client = clients.authorization(vault.subscriptionId);
      const roles: HeldRole[] = [];
      try {
        // At the vault and every scope above it, through groups too.
        const filter = `assignedTo('${objectId}')`;
        for await (const one of client.roleAssignments.listForScope(vault.id, { filter })) {
          if (one.roleDefinitionId === undefined) continue;
          // Asked for at the vault: who may read there may not read at the subscription.
          const definition = await client.roleDefinitions.get(
            vault.id,
            one.roleDefinitionId.slice(one.roleDefinitionId.lastIndexOf('/') + 1),
          );
          for (const permission of definition.permissions ?? []) {
            roles.push({
              roleId: one.roleDefinitionId,
              roleName: definition.roleName ?? one.roleDefinitionId,
              scope: one.scope ?? vault.id,
              dataActions: permission.dataActions ?? [],
              notDataActions: permission.notDataActions ?? [],
              // Without a condition Resource Manager answers `null`, which the types do not know.
              ...(one.condition ? { condition: one.condition } : {}),
              ...(one.createdOn ? { assignedAt: one.createdOn.toISOString() } : {}),
            });
          }
        }
        return roles;
      } catch (error) {
        throw toDomainError(error, attemptOn(vault, `read the roles at ${vault.name}`));
      }
    },

    async denialsAt(vaultId) {
      const vault = find(vaultId);
      if (vault === undefined) return [];
      const denials: Denial[] = [];
      try {
        const listed = clients
          .authorization(vault.subscriptionId)
          .denyAssignments.listForScope(vault.id, { filter: 'atScope()' });
        for await (const one of listed) {
          for (const { dataActions, notDataActions } of one.permissions ?? []) {
            denials.push({
              name: one.denyAssignmentName ?? one.name ?? '',
              scope: one.scope ?? vault.id,
              onlyThisScope: one.doNotApplyToChildScopes === true,
              principals: (one.principals ?? []).map(toDenied),
              excluded: (one.excludePrincipals ?? []).map(toDenied),
              dataActions: dataActions ?? [],
              notDataActions: notDataActions ?? [],
              ...(one.condition ? { condition: one.condition } : {}),
            });
          }
        }
        return denials;
      } catch (error) {
        throw toDomainError(error, attemptOn(vault, `read the deny assignments at ${vault.name}`));
      }
    },
  };
}

function toDenied({ id, type }: Principal): DeniedPrincipal {
  return { id: id ?? '', type: type ?? '' };
}

function attemptOn(vault: CaredFor, doing: string): Attempt {
  return {
    resource: vault.id,
    doing,
    grant: assignOwnRole('Reader', vault.id),
  };
}
