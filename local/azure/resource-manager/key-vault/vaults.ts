/**
 * `Microsoft.KeyVault/vaults`: create, change, read, delete, and the access policies.
 * Source: REST reference, Vaults; "Key Vault soft-delete overview" for deleted names.
 */
import { GROUP, listRoutes, SUBSCRIPTION } from '../list-routes.ts';
import { z } from 'zod';
import { AzureFault, type EventSink, type World } from '../../service.ts';
import { resourceNotFound } from '../not-found.ts';
import { findResourceGroup, toLocation } from '../resource-groups.ts';
import { isAtOrAbove, isSameId } from '../resource-id.ts';
import { created, noContent, ok, readBody, type ArmCall, type ArmRoute } from '../route.ts';
import { privateEndpointsToWire } from './private-endpoints.ts';
import { VAULT_TYPE, type Vault, type Vaults } from './vault-store.ts';
import {
  accessPolicySchema,
  changePolicies,
  toVaultProperties,
  VAULT_VERSIONS,
  vaultPropertiesSchema,
  type PolicyOperation,
  type VaultProperties,
} from './vault-properties.ts';

const PROVIDER = `/providers/${VAULT_TYPE}`;
const NAME = /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/i;

const tags = z.record(z.string(), z.string());
const putSchema = z.object({
  location: z.string().min(1),
  tags: tags.default({}),
  properties: vaultPropertiesSchema,
});
const patchSchema = z.object({
  tags: tags.optional(),
  properties: vaultPropertiesSchema.partial().optional(),
});
const policiesSchema = z.object({
  properties: z.object({ accessPolicies: z.array(accessPolicySchema) }),
});
const nameSchema = z.object({ name: z.string(), type: z.literal(VAULT_TYPE) });

export function vaultRoutes(
  world: World,
  vaults: Vaults,
  events: EventSink | undefined,
): ArmRoute[] {
  const { clock, store } = world;

  const pathOf = (call: ArmCall): string =>
    `/subscriptions/${call.param('subscriptionId')}/resourceGroups/${call.param('resourceGroupName')}${PROVIDER}/${call.param('vaultName')}`;
  const find = (call: ArmCall): Vault | undefined => {
    const vault = vaults.find(call.param('vaultName'));
    return vault !== undefined && isSameId(vault.id, pathOf(call)) ? vault : undefined;
  };
  const get = (call: ArmCall): Vault => {
    const vault = find(call);
    if (vault !== undefined) return vault;
    throw resourceNotFound(VAULT_TYPE, call.param('vaultName'), call.param('resourceGroupName'));
  };
  const update = (
    vault: Vault,
    change: Partial<Pick<Vault, 'tags' | 'properties' | 'location'>>,
  ): Vault => {
    const changed = { ...vault, ...change, modifiedAt: clock.now().toISOString() };
    vaults.save(changed);
    if (accessOf(vault.properties) !== accessOf(changed.properties)) announce(changed);
    return changed;
  };
  /**
   * Source: "Azure Key Vault as Event Grid source"; raised for policies and for the switch to or
   * from RBAC. What the data holds besides the vault's name is assumed.
   */
  const announce = (vault: Vault): void => {
    events?.publish({
      topic: vault.id,
      subject: vault.name,
      eventType: 'Microsoft.KeyVault.VaultAccessPolicyChanged',
      data: {
        Id: uriOf(vault.name),
        VaultName: vault.name,
        ObjectType: 'Vault',
        ObjectName: vault.name,
        Version: '',
        NBF: null,
        EXP: null,
      },
    });
  };

  const put = (call: ArmCall) => {
    const name = call.param('vaultName');
    if (!NAME.test(name)) {
      throw new AzureFault(
        400,
        'VaultNameNotValid',
        `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`,
      );
    }
    const { location, tags: newTags, properties } = readBody(call, putSchema);
    const existing = find(call);
    if (existing !== undefined) {
      const changed = update(existing, {
        tags: newTags,
        properties: toVaultProperties(properties, existing.properties, call.apiVersion),
      });
      return ok(toWire(changed));
    }
    if (vaults.find(name) !== undefined) {
      throw new AzureFault(
        409,
        'VaultAlreadyExists',
        `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists and vault soft delete, follow this link: https://go.microsoft.com/fwlink/?linkid=2147740`,
      );
    }
    const deleted = vaults.findDeleted(name);
    if (properties.createMode === 'recover') {
      const recovered = deleted === undefined ? undefined : vaults.recover(name);
      // A vault is recovered where it was: Source: createMode in the REST reference.
      if (recovered === undefined) {
        throw new AzureFault(
          404,
          'DeletedVaultNotFound',
          `The deleted vault '${name}' does not exist.`,
        );
      }
      return ok(toWire(recovered));
    }
    if (deleted !== undefined) {
      throw new AzureFault(
        409,
        'ConflictError',
        `A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.`,
      );
    }
    const now = clock.now().toISOString();
    const group = findResourceGroup(
      store,
      call.param('subscriptionId'),
      call.param('resourceGroupName'),
    );
    const vault: Vault = {
      id: `${group?.id ?? ''}${PROVIDER}/${name}`,
      name,
      location: toLocation(location),
      tags: newTags,
      properties: toVaultProperties(properties, undefined, call.apiVersion),
      createdAt: now,
      modifiedAt: now,
    };
    vaults.save(vault);
    return created(toWire(vault));
  };

  const patch = (call: ArmCall) => {
    const vault = get(call);
    const body = readBody(call, patchSchema);
    const given = Object.fromEntries(
      Object.entries(body.properties ?? {}).filter(([, value]) => value !== undefined),
    );
    const merged = {
      ...vault.properties,
      ...given,
      accessPolicies: body.properties?.accessPolicies ?? [...vault.properties.accessPolicies],
    };
    const changed = update(vault, {
      ...(body.tags === undefined ? {} : { tags: body.tags }),
      properties: toVaultProperties(merged, vault.properties, call.apiVersion),
    });
    return ok(toWire(changed));
  };

  const changeAccess = (call: ArmCall) => {
    const operation = call.param('operationKind').toLowerCase();
    if (!isPolicyOperation(operation)) {
      throw new AzureFault(
        400,
        'BadRequest',
        `The operation '${operation}' is not one of add, replace and remove.`,
      );
    }
    const vault = get(call);
    const { properties } = readBody(call, policiesSchema);
    const accessPolicies = changePolicies(
      vault.properties.accessPolicies,
      operation,
      properties.accessPolicies,
    );
    update(vault, { properties: { ...vault.properties, accessPolicies } });
    return ok({
      id: `${vault.id}/accessPolicies/`,
      type: `${VAULT_TYPE}/accessPolicies`,
      location: vault.location,
      properties: { accessPolicies },
    });
  };

  const remove = (call: ArmCall) => {
    const vault = find(call);
    if (vault === undefined) return noContent;
    vaults.delete(vault);
    return { status: 200 };
  };

  const checkName = (call: ArmCall) => {
    const { name } = readBody(call, nameSchema);
    if (!NAME.test(name)) {
      return ok({
        nameAvailable: false,
        reason: 'AccountNameInvalid',
        message: 'The name is not valid.',
      });
    }
    const taken = vaults.find(name) !== undefined || vaults.findDeleted(name) !== undefined;
    return ok(
      taken
        ? {
            nameAvailable: false,
            reason: 'AlreadyExists',
            message: `The vault name '${name}' is already in use.`,
          }
        : { nameAvailable: true },
    );
  };

  const versions = VAULT_VERSIONS;
  const path = `${GROUP}${PROVIDER}/{vaultName}`;
  return [
    ...listRoutes(VAULT_TYPE, versions, {
      below: (scope) => vaults.list().filter(({ id }) => isAtOrAbove(scope, id)),
      idOf: ({ id }) => id,
      toWire,
    }),
    {
      method: 'POST',
      path: `${SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability`,
      versions,
      handle: checkName,
    },
    { method: 'GET', path, versions, handle: (call) => ok(toWire(get(call))) },
    { method: 'PUT', path, versions, handle: put },
    { method: 'PATCH', path, versions, handle: patch },
    { method: 'DELETE', path, versions, handle: remove },
    {
      method: 'PUT',
      path: `${path}/accessPolicies/{operationKind}`,
      versions,
      handle: changeAccess,
    },
  ];
}

function toWire(vault: Vault): Record<string, unknown> {
  const { id, name, location, tags: vaultTags, properties, createdAt, modifiedAt } = vault;
  const endpoints = privateEndpointsToWire(vault);
  return {
    id,
    name,
    type: VAULT_TYPE,
    location,
    tags: vaultTags,
    systemData: { createdAt, lastModifiedAt: modifiedAt },
    properties: {
      ...properties,
      ...(endpoints.length === 0 ? {} : { privateEndpointConnections: endpoints }),
      vaultUri: uriOf(name),
      provisioningState: 'Succeeded',
    },
  };
}

function uriOf(name: string): string {
  return `https://${name.toLowerCase()}.vault.azure.net/`;
}

function accessOf({ enableRbacAuthorization, accessPolicies }: VaultProperties): string {
  return JSON.stringify([enableRbacAuthorization, accessPolicies]);
}

function isPolicyOperation(text: string): text is PolicyOperation {
  return ['add', 'replace', 'remove'].includes(text);
}
