import type { AccessPolicyEntry, Permissions } from '@azure/arm-keyvault';
import { isRestError } from '@azure/core-rest-pipeline';
import type { AzureClients } from './azure-clients.ts';
import { requireVault, type CaredFor } from './cared-for.ts';
import { makeIdentityGiver } from './identity-giver.ts';
import { allowPolicyWrites, delegateRole } from './own-rights.ts';
import { serviceError, statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { toUuidV5 } from './uuid-v5.ts';
import { TransientError } from '../domain/errors.ts';
import { GIVEN_ROLE } from '../domain/grant-plan.ts';
import type { AccessGiver } from '../domain/access-ports.ts';

/** Certkeeper's own namespace for the names of role assignments; never changed once released. */
const NAMESPACE = '6f1f4f3c-3a3e-5d0b-9f4e-5b7f0c6a2d11';

/** Gives access to the vaults and services under care, and takes it back. */
export function makeAccessGiver(
  clients: AzureClients,
  care: { readonly vaults: readonly CaredFor[]; readonly services: readonly CaredFor[] },
): AccessGiver {
  const require = (name: string): CaredFor => requireVault(care.vaults, name);
  const nameFor = (vault: CaredFor, principalId: string): string =>
    toUuidV5(NAMESPACE, `${vault.id}|${principalId}|${GIVEN_ROLE.guid}`.toLowerCase());
  const assignmentId = (vault: CaredFor, principalId: string): string =>
    `${vault.id}/providers/Microsoft.Authorization/roleAssignments/${nameFor(vault, principalId)}`;
  const assignments = (vault: CaredFor) =>
    clients.authorization(vault.subscriptionId).roleAssignments;
  const vaultsOf = (vault: CaredFor) => clients.keyVaultResources(vault.subscriptionId).vaults;

  const hasAssignment = async (vault: CaredFor, id: string): Promise<boolean> => {
    const found = await run(toRoles(vault, `read the roles at ${vault.name}`), () =>
      unlessGone(() => assignments(vault).getById(bare(id))),
    );
    return found !== undefined;
  };

  const changePolicy = async (
    vault: CaredFor,
    how: 'add' | 'remove',
    policy: AccessPolicyEntry,
  ): Promise<void> => {
    await run(toPolicies(vault), () =>
      vaultsOf(vault).updateAccessPolicy(vault.resourceGroup, vault.name, how, {
        properties: { accessPolicies: [policy] },
      }),
    );
  };

  const permissionsOf = async (
    vault: CaredFor,
    principalId: string,
  ): Promise<Permissions | undefined> => {
    const { properties } = await run(toPolicies(vault), () =>
      vaultsOf(vault).get(vault.resourceGroup, vault.name),
    );
    const own = (properties.accessPolicies ?? []).find(
      ({ objectId, tenantId, applicationId }) =>
        same(objectId, principalId) &&
        same(tenantId, properties.tenantId) &&
        (applicationId ?? '') === '',
    );
    return own?.permissions;
  };
  const secretPermissions = async (
    vault: CaredFor,
    principalId: string,
  ): Promise<readonly string[] | undefined> => {
    const permissions = await permissionsOf(vault, principalId);
    return permissions === undefined ? undefined : (permissions.secrets ?? []);
  };

  return {
    ...makeIdentityGiver(clients, care.services),

    roleAssignmentId: (vault, principalId) => assignmentId(require(vault), principalId),

    hasAssignment: async (vault, id) => await hasAssignment(require(vault), id),

    async assignRole(name, principalId, description) {
      const vault = require(name);
      try {
        await assignments(vault).create(bare(vault.id), nameFor(vault, principalId), {
          roleDefinitionId: `/subscriptions/${vault.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${GIVEN_ROLE.guid}`,
          principalId,
          // Spares the look into the directory, which does not know a new identity at once.
          principalType: 'ServicePrincipal',
          description,
        });
        return 'given';
      } catch (error) {
        const code = isRestError(error) ? serviceError(error).code : '';
        if (code === 'PrincipalNotFound') return 'unknown-principal';
        if (code !== 'RoleAssignmentExists') {
          throw toDomainError(error, toRoles(vault, `give a role at ${vault.name}`));
        }
        // Whether this is also said of an assignment of the same name is not documented.
        const own = await hasAssignment(vault, assignmentId(vault, principalId));
        return own ? 'given' : 'existed';
      }
    },

    async removeRole(name, id, principalId) {
      const vault = require(name);
      return await run(toRoles(vault, `take a role back at ${vault.name}`), async () => {
        const found = await unlessGone(() => assignments(vault).getById(bare(id)));
        if (found === undefined) return 'gone';
        const ours =
          same(found.principalId ?? '', principalId) &&
          (found.roleDefinitionId ?? '').toLowerCase().endsWith(`/${GIVEN_ROLE.guid}`);
        if (!ours) return 'foreign';
        await unlessGone(() => assignments(vault).deleteById(bare(id)));
        return 'removed';
      });
    },

    secretPermissions: async (name, principalId) =>
      await secretPermissions(require(name), principalId),

    async addPermissions(name, objectId, tenantId, permissions) {
      const vault = require(name);
      const added = { secrets: [...permissions] };
      await changePolicy(vault, 'add', { objectId, tenantId, permissions: added });
    },

    async removePermissions(name, objectId, tenantId, permissions) {
      const vault = require(name);
      const before = await permissionsOf(vault, objectId);
      const isOurs = (one: string): boolean => permissions.some((other) => same(one, other));
      const { secrets = [], ...others } = before ?? {};
      const going = secrets.filter(isOurs);
      if (going.length === 0) return;
      const taken = { secrets: going };
      await changePolicy(vault, 'remove', { objectId, tenantId, permissions: taken });
      // The reference does not say whether `remove` takes the permissions or the whole policy.
      const after = (await permissionsOf(vault, objectId)) ?? {};
      const staying = { ...others, secrets: secrets.filter((one) => !isOurs(one)) };
      const lost = lostFrom(staying, after);
      if (lost !== undefined) {
        await changePolicy(vault, 'add', { objectId, tenantId, permissions: lost });
      }
      if ((after.secrets ?? []).some(isOurs)) {
        throw new TransientError({
          code: 'AZURE_UNAVAILABLE',
          message: `${vault.name} still shows permissions that were taken back.`,
          resource: vault.id,
          cure: 'Ask again in a moment.',
        });
      }
    },
  };
}

/** What a policy held and does not hold now; undefined = nothing. */
function lostFrom(before: Permissions, after: Permissions): Permissions | undefined {
  const gone = <One extends string>(had: One[] = [], has: readonly string[] = []): One[] =>
    had.filter((one) => !has.some((other) => same(one, other)));
  const lost = {
    keys: gone(before.keys, after.keys),
    secrets: gone(before.secrets, after.secrets),
    certificates: gone(before.certificates, after.certificates),
    storage: gone(before.storage, after.storage),
  };
  return Object.values(lost).some(({ length }) => length > 0) ? lost : undefined;
}

function toRoles(vault: CaredFor, doing: string): Attempt {
  return { resource: vault.id, doing, grant: delegateRole(vault.id, GIVEN_ROLE.guid) };
}

function toPolicies(vault: CaredFor): Attempt {
  return {
    resource: vault.id,
    doing: `change the access policies of ${vault.name}`,
    grant: allowPolicyWrites(vault.id),
  };
}

async function run<Result>(attempt: Attempt, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw toDomainError(error, attempt);
  }
}

async function unlessGone<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** The client puts a slash before what it is given. */
function bare(id: string): string {
  return id.replace(/^\/+/, '');
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
