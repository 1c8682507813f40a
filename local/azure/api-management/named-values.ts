/**
 * `…/namedValues`: values that policies name as `{{…}}`, plain, secret or in Key Vault.
 * Source: REST reference, Named Value and Workspace Named Value 2024-05-01. Those in Key Vault are read
 * when they are put and on `refreshSecret`, not by polling.
 */
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import type { ArmCall, ArmRoute } from '../resource-manager/route.ts';
import { ok } from '../resource-manager/route.ts';
import { toLastStatus, type RefreshParts } from './certificate-refresh.ts';
import { requireChangeable, type Place, type Spot } from './entity-place.ts';
import { entityFolder, type Draft, type EntityChange, type EntityParts } from './entity-routes.ts';
import { childKey, ownerKey, type Entity } from './entity-store.ts';
import { etagHeader, nextVersion } from './entity-tag.ts';
import { invalidOperation, validationFault } from './faults.ts';
import { readProperties } from './read-properties.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';
import { readIdentifier, readSecretFromVault, type VaultReference } from './vault-reference.ts';

type NamedValueParts = EntityParts & Pick<RefreshParts, 'vaultReader' | 'principals'>;

const bodySchema = z.looseObject({
  displayName: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[A-Za-z0-9._-]+$/),
  value: z.string().max(4096).nullish(),
  secret: z.boolean().default(false),
  tags: z.array(z.string()).max(32).nullish(),
  keyVault: z
    .object({ secretIdentifier: z.string().min(1), identityClientId: z.string().nullish() })
    .nullish(),
});

/** @param keyVault whether a reference to Key Vault is taken here */
export function namedValueRoutes(
  place: Place,
  keyVault: () => 'accept' | 'refuse',
  parts: NamedValueParts,
): readonly ArmRoute[] {
  const { world, entities, settings } = parts;

  const readVault = async (
    spot: Spot,
    reference: VaultReference,
  ): Promise<{ draft: Pick<Draft, 'sealed'> & { keyVault: unknown }; fault?: Error }> => {
    const read = await readSecretFromVault(spot.service, reference, parts);
    const lastStatus = toLastStatus(read, world.clock.now());
    return {
      draft: {
        keyVault: { ...reference, lastStatus },
        sealed: read.kind === 'read' ? world.seal(Buffer.from(read.value)) : undefined,
      },
      ...(read.kind === 'failed' ? { fault: read.fault } : {}),
    };
  };

  const read = async (given: unknown, change: EntityChange): Promise<Draft> => {
    const { call, spot, existing } = change;
    const { value, keyVault: asked, ...properties } = readProperties(given, bodySchema);
    requireUniqueName(change, properties.displayName);
    if (asked) {
      if (keyVault() === 'refuse') {
        // As for certificates of workspaces; the wording is assumed.
        throw validationFault('keyVault', 'Key Vault is not supported in workspaces.');
      }
      readIdentifier(asked.secretIdentifier);
      const { draft, fault } = await readVault(spot, {
        secretIdentifier: asked.secretIdentifier,
        ...(asked.identityClientId ? { identityClientId: asked.identityClientId } : {}),
      });
      if (fault !== undefined && settings.unreadableKeyVaultPut() === 'refuse') throw fault;
      return {
        properties: { ...properties, secret: true, keyVault: draft.keyVault },
        sealed: draft.sealed,
      };
    }
    // A PATCH that gives no value keeps the one it does not see.
    const kept = call.request.method === 'PATCH' ? existing?.sealed : undefined;
    if (value === undefined || value === null || value.trim() === '') {
      if (kept !== undefined) return { properties, sealed: kept };
      // Source of the rule: "may not be empty or consist only of whitespace"; wording assumed.
      throw validationFault('value', 'The value may not be empty or consist only of whitespace.');
    }
    return { properties, sealed: world.seal(Buffer.from(value)) };
  };

  const requireUniqueName = ({ spot, name }: EntityChange, displayName: string): void => {
    const twin = entities
      .owned('apim.namedValues', ownerKey(spot.owner))
      .find(
        (one) =>
          one.name.toLowerCase() !== name.toLowerCase() &&
          String(one.properties['displayName']).toLowerCase() === displayName.toLowerCase(),
      );
    // Source: Azure/apiops#837.
    if (twin) throw validationFault('name', 'Property with the same name already exist.');
  };

  const valueOf = ({ sealed }: Entity): string | undefined =>
    sealed === undefined ? undefined : world.unseal(sealed).toString('utf8');

  const folder = entityFolder(
    place,
    {
      collection: 'apim.namedValues',
      segment: 'namedValues',
      parameter: 'namedValueId',
      title: 'Named value',
      idPattern: /^[^*#&+:<>?]{1,256}$/,
      filterFields: ['displayName', 'tags'],
      patch: true,
      later: ['PUT', 'PATCH'],
      read,
      // Source: the example "ApiManagementListNamedValues": a value that is no secret is shown.
      show(entity) {
        const value = entity.properties['secret'] === true ? undefined : valueOf(entity);
        return { ...entity.properties, ...(value === undefined ? {} : { value }) };
      },
      keep(entity, call) {
        const failed = call.request.query('isKeyVaultRefreshFailed')?.toLowerCase() === 'true';
        return !failed || (statusOf(entity) ?? 'Success') !== 'Success';
      },
    },
    parts,
  );

  const listValue = (call: ArmCall): AzureResponse => {
    const { entity } = folder.get(call);
    return ok({ value: valueOf(entity) }, etagHeader(entity.version));
  };

  const refreshSecret = async (call: ArmCall): Promise<AzureResponse> => {
    const { entity: before, change } = folder.get(call);
    requireChangeable(change.spot, settings);
    const reference = referenceOf(before);
    if (reference === undefined) {
      // Assumed, like the answer for a certificate that was uploaded.
      throw invalidOperation(`The named value ${before.name} is not stored in Key Vault.`);
    }
    const { draft, fault } = await readVault(change.spot, reference);
    const after = world.store.transaction(() => {
      const { entity } = folder.get(call);
      if (entity.version !== before.version) return entity;
      const sealed = draft.sealed ?? entity.sealed;
      const next: Entity = {
        ...entity,
        version: nextVersion(world.store),
        properties: { ...entity.properties, keyVault: draft.keyVault },
        sealed,
      };
      entities.save(
        'apim.namedValues',
        childKey(change.spot.key, 'namedValues', entity.name),
        next,
      );
      return next;
    });
    if (fault !== undefined && settings.failedRefresh() === 'refuse') throw fault;
    return folder.answer(after, call);
  };

  const post = (action: string, handle: ArmRoute['handle']): ArmRoute => ({
    method: 'POST',
    path: `${folder.inside.path}/${action}`,
    versions: SERVICE_VERSIONS,
    handle,
  });
  return [...folder.routes, post('listValue', listValue), post('refreshSecret', refreshSecret)];
}

const keptSchema = z.object({
  secretIdentifier: z.string(),
  identityClientId: z.string().exactOptional(),
  lastStatus: z.object({ code: z.string() }),
});

function referenceOf({ properties }: Entity): VaultReference | undefined {
  const kept = keptSchema.safeParse(properties['keyVault']).data;
  if (kept === undefined) return undefined;
  const { lastStatus, ...reference } = kept;
  return reference;
}

function statusOf({ properties }: Entity): string | undefined {
  return keptSchema.safeParse(properties['keyVault']).data?.lastStatus.code;
}
