import type { Problem } from './errors.ts';

/** The identities of an API Management service. Object ids and client ids are GUIDs. */
export interface ServiceIdentity {
  readonly systemAssigned?: { readonly objectId: string };
  readonly userAssigned: readonly {
    readonly resourceId: string;
    readonly objectId: string;
    readonly clientId: string;
  }[];
}

/** What is known of an API Management service. */
export interface ServiceObservation {
  /** ARM id. */
  readonly id: string;
  readonly name: string;
  readonly identity: ServiceIdentity;
  readonly provisioningState: string;
  readonly sku: string;
}

/** Which identity a new reference should name: none for the system-assigned one. */
export type IdentityChoice =
  | { readonly kind: 'system-assigned'; readonly objectId: string }
  | { readonly kind: 'user-assigned'; readonly clientId: string; readonly objectId: string }
  | { readonly kind: 'none'; readonly problem: Problem };

/** An identity as a reference names it. */
export type NamedIdentity =
  | { readonly kind: 'system-assigned' }
  | { readonly kind: 'user-assigned'; readonly clientId: string };

/**
 * Chooses the identity that will read the vault. The system-assigned one comes first, since only
 * it is documented to pass a vault's firewall; its id is never named in a reference, which
 * API Management refuses ("Can not find Managed Identity", apiops#257).
 */
export function chooseIdentity(service: ServiceObservation): IdentityChoice {
  const { systemAssigned, userAssigned } = service.identity;
  if (systemAssigned !== undefined)
    return { kind: 'system-assigned', objectId: systemAssigned.objectId };
  const [only, another] = userAssigned;
  if (only === undefined) return { kind: 'none', problem: identityMissing(service) };
  if (another !== undefined) {
    return {
      kind: 'none',
      problem: {
        code: 'IDENTITY_AMBIGUOUS',
        message: `${service.name} has ${String(userAssigned.length)} user-assigned identities and no system-assigned one, so it is open which of them reads the vault.`,
        resource: service.id,
        cure: `Enable the system-assigned one: ${enableSystemAssigned(service)}; or attach the certificate once by hand with the identity you want, and Certkeeper keeps it.`,
      },
    };
  }
  return { kind: 'user-assigned', clientId: only.clientId, objectId: only.objectId };
}

/** A service without any identity cannot read Key Vault at all. */
function identityMissing(service: ServiceObservation): Problem {
  return {
    code: 'IDENTITY_MISSING',
    message: `${service.name} has no managed identity, so it cannot read the vault.`,
    resource: service.id,
    cure: enableSystemAssigned(service),
  };
}

/**
 * A PATCH of nothing but the identity. `az apim update` is no cure: it sends the whole service back,
 * and without `--enable-managed-identity` it takes every identity away (apim/custom.py, azure-cli).
 */
export function enableSystemAssigned({
  id,
  identity,
}: Pick<ServiceObservation, 'id' | 'identity'>): string {
  const others = identity.userAssigned.map(({ resourceId }) => [resourceId, {}] as const);
  const wanted =
    others.length === 0
      ? { type: 'SystemAssigned' }
      : {
          type: 'SystemAssigned, UserAssigned',
          userAssignedIdentities: Object.fromEntries(others),
        };
  return `az rest --method patch --url "${id}?api-version=2024-05-01" --body '${JSON.stringify({ identity: wanted })}'`;
}
