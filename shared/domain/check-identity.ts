/** Which identity of the service reads the vault, and whether the service has it. */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { AccessFacts } from './access-facts.ts';
import { chooseIdentity, enableSystemAssigned, type ServiceObservation } from './service.ts';
import { formatTarget } from './target.ts';

/** The identity that reads the vault. */
export interface Reader {
  readonly objectId: string;
  readonly systemAssigned: boolean;
}

/** The identity that reads; undefined when the service has none that could. */
export function findReader(
  service: ServiceObservation,
  facts: Pick<AccessFacts, 'identityClientId' | 'installed'>,
): Reader | undefined {
  const { systemAssigned, userAssigned } = service.identity;
  const { identityClientId } = facts;
  if (identityClientId !== undefined) {
    const named = userAssigned.find(({ clientId }) => same(clientId, identityClientId));
    return named === undefined ? undefined : { objectId: named.objectId, systemAssigned: false };
  }
  if (systemAssigned !== undefined) {
    return { objectId: systemAssigned.objectId, systemAssigned: true };
  }
  if (holdsReference(facts)) return undefined;
  const choice = chooseIdentity(service);
  return choice.kind === 'user-assigned'
    ? { objectId: choice.objectId, systemAssigned: false }
    : undefined;
}

export function checkIdentity(service: ServiceObservation, facts: AccessFacts): AccessCheck {
  const reader = findReader(service, facts);
  if (reader !== undefined) {
    const which = reader.systemAssigned ? 'its system-assigned' : 'a user-assigned';
    return passed(
      'identity',
      service.id,
      `${service.name} reads the vault with ${which} identity (object id ${reader.objectId}).`,
    );
  }
  if (facts.identityClientId !== undefined) {
    return namedIdentity(service, facts, facts.identityClientId);
  }
  const choice = chooseIdentity(service);
  if (choice.kind === 'none' && !holdsReference(facts)) {
    const { code, message, resource = service.id, cure = '' } = choice.problem;
    return found('identity', 'blocks', { code, message, resource, cure });
  }
  const others = service.identity.userAssigned.length > 0;
  return found('identity', 'blocks', {
    code: 'IDENTITY_MISSING',
    resource: service.id,
    message: others
      ? `${formatTarget(facts.target)} reads the vault with the system-assigned identity, and ${service.name} has user-assigned ones only.`
      : `${service.name} has no managed identity, so it cannot read the vault.`,
    cure: enableSystemAssigned(service),
  });
}

function namedIdentity(
  service: ServiceObservation,
  facts: AccessFacts,
  identityClientId: string,
): AccessCheck {
  const { systemAssigned, userAssigned } = service.identity;
  const byObject = userAssigned.find(({ objectId }) => same(objectId, identityClientId));
  if (systemAssigned !== undefined && same(systemAssigned.objectId, identityClientId)) {
    return found('identity', 'blocks', {
      code: 'IDENTITY_NAMED_BY_ID',
      resource: service.id,
      message: `The reference names the system-assigned identity of ${service.name} by its id (${identityClientId}); it is meant by leaving the id out.`,
      cure: setReference(service, facts),
    });
  }
  if (byObject !== undefined) {
    return found('identity', 'blocks', {
      code: 'IDENTITY_UNKNOWN',
      resource: service.id,
      message: `The reference names an identity of ${service.name} by its object id (${identityClientId}); it is named by its client id.`,
      cure: setReference(service, facts, byObject.clientId),
    });
  }
  return found('identity', 'blocks', {
    code: 'IDENTITY_UNKNOWN',
    resource: service.id,
    message: `The reference names the identity ${identityClientId}, which is no user-assigned identity of ${service.name}.`,
    cure:
      systemAssigned === undefined
        ? `Give the service that identity (az identity list --query "[?clientId=='${identityClientId}'].id" finds it), or enable the system-assigned one: ${enableSystemAssigned(service)}`
        : `Use the system-assigned one: ${setReference(service, facts)}`,
  });
}

/**
 * Writes the versionless reference by hand: a PUT of the certificate alone.
 * @param identityClientId absent = the system-assigned identity
 */
export function setReference(
  { id }: Pick<ServiceObservation, 'id'>,
  { target, secretIdentifier }: Pick<AccessFacts, 'target' | 'secretIdentifier'>,
  identityClientId?: string,
): string {
  const keyVault = {
    secretIdentifier,
    ...(identityClientId === undefined ? {} : { identityClientId }),
  };
  const body = JSON.stringify({ properties: { keyVault } });
  return `az rest --method put --url "${id}/certificates/${target.id}?api-version=2024-05-01" --headers "If-Match=*" --body '${body}'`;
}

function holdsReference({ installed }: Pick<AccessFacts, 'installed'>): boolean {
  return (
    installed.kind === 'seen' &&
    installed.value.kind === 'present' &&
    installed.value.installed.reference.kind === 'key-vault'
  );
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
