/**
 * What stands between a service and a certificate: small pure checks over observed facts, run in
 * the order in which a person would look.
 */
import { found, passed, unknown, type AccessCheck } from './access-check.ts';
import type { AccessFacts, Look, VaultFacts } from './access-facts.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkFirewall } from './check-firewall.ts';
import { checkIdentity, findReader } from './check-identity.ts';
import { checkIgnoredPolicies, checkPolicies } from './check-policies.ts';
import { checkReference } from './check-reference.ts';
import { checkRoles } from './check-roles.ts';
import { checkService } from './check-service.ts';
import type { ServiceObservation } from './service.ts';

/**
 * Answers every check that the facts allow, the passed ones too. When none blocks, may block or is
 * unknown, nothing known stands in the way.
 */
export function checkAccess(facts: AccessFacts): readonly AccessCheck[] {
  const { service, installed, vault, certificate, source, now } = facts;
  return [
    ...look('service', service, (value) => [
      ...checkService(value),
      checkIdentity(value, facts),
      ...checkReference(value, facts),
    ]),
    ...(installed.kind === 'unseen' ? [unknown('reference', installed.problem)] : []),
    ...look('vault', vault, (value) => [
      passed('vault', value.id, `${value.name} is there.`),
      ...(service.kind === 'seen' ? checkWay(value, service.value, facts) : []),
    ]),
    ...look('certificate', certificate, (value) =>
      checkCertificate(source, value, now, thumbprintAt(installed)),
    ),
  ];
}

/** The permission and the network between an identity and a vault; without identity neither. */
function checkWay(
  vault: VaultFacts,
  service: ServiceObservation,
  facts: AccessFacts,
): readonly AccessCheck[] {
  const reader = findReader(service, facts);
  if (reader === undefined) return [];
  return [
    ...(vault.rbac
      ? [
          ...checkRoles(vault, service, reader, facts),
          ...checkIgnoredPolicies(vault, service, reader),
        ]
      : checkPolicies(vault, service, reader, facts.roles)),
    checkFirewall(vault, service, reader),
  ];
}

/** What the target holds from Key Vault. */
function thumbprintAt(installed: AccessFacts['installed']): string | undefined {
  const state = installed.kind === 'seen' ? installed.value : undefined;
  return state?.kind === 'present' && state.installed.reference.kind === 'key-vault'
    ? state.installed.thumbprint
    : undefined;
}

function look<Seen>(
  check: 'service' | 'vault' | 'certificate',
  seen: Look<Seen>,
  then: (value: Seen) => readonly AccessCheck[],
): readonly AccessCheck[] {
  switch (seen.kind) {
    case 'seen':
      return then(seen.value);
    case 'gone': {
      const { code, message, resource = '', cure = '' } = seen.problem;
      return [found(check, 'blocks', { code, message, resource, cure })];
    }
    case 'unseen':
      return [unknown(check, seen.problem)];
    case 'unasked':
      return [];
  }
}
