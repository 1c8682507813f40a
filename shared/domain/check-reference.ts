/** Whether what is at the target refers to this certificate, and in a way that is kept current. */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { AccessFacts } from './access-facts.ts';
import { setReference } from './check-identity.ts';
import type { ServiceObservation } from './service.ts';
import { formatSource } from './source.ts';
import { formatTarget } from './target.ts';

export function checkReference(
  service: ServiceObservation,
  facts: AccessFacts,
): readonly AccessCheck[] {
  const { installed, source, target, identityClientId } = facts;
  if (installed.kind !== 'seen') return [];
  const resource = formatTarget(target);
  const state = installed.value;
  if (state.kind !== 'present') {
    return [passed('reference', resource, `There is no certificate at ${resource} yet.`)];
  }
  const { reference } = state.installed;
  const cure = setReference(service, facts, identityClientId);
  if (
    reference.kind !== 'key-vault' ||
    formatSource(reference.secret.source) !== formatSource(source)
  ) {
    const what =
      reference.kind === 'key-vault'
        ? `a reference to ${formatSource(reference.secret.source)}`
        : reference.kind === 'foreign'
          ? 'a reference to an address outside of the vaults under care'
          : 'a certificate that was uploaded';
    return [
      found('reference', 'blocks', {
        code: 'REFERENCE_ELSEWHERE',
        resource,
        message: `${resource} holds ${what}, and not ${formatSource(source)}.`,
        cure: `Choose another id for it ({service}/certificates/{id}); or, when it is to be replaced: ${cure}`,
      }),
    ];
  }
  const checks: AccessCheck[] = [];
  if (reference.secret.collection === 'certificates') {
    checks.push(
      found('reference', 'blocks', {
        code: 'REFERENCE_NOT_A_SECRET',
        resource,
        message: `${resource} refers to the certificate under /certificates/; API Management reads it under /secrets/ only.`,
        cure,
      }),
    );
  }
  if (reference.secret.version !== undefined) {
    checks.push(
      found('reference', 'blocks', {
        code: 'REFERENCE_PINNED',
        resource,
        message: `${resource} refers to the version ${reference.secret.version}, and a reference with a version never gets another one.`,
        cure,
      }),
    );
  }
  if (checks.length === 0) {
    const message = `${resource} refers to ${formatSource(source)} without version.`;
    checks.push(passed('reference', resource, message));
  }
  const { lastFailure } = state.installed;
  if (lastFailure !== undefined) {
    checks.push(
      found('reference', 'notice', {
        code: 'LAST_READ_FAILED',
        resource,
        message: `When ${service.name} last read ${formatSource(source)}, it failed (${lastFailure.code}). It says: ${lastFailure.message}`,
        cure: `Once nothing is in the way, let it read anew: az rest --method post --url "${service.id}/certificates/${target.id}/refreshSecret?api-version=2024-05-01"`,
      }),
    );
  }
  return checks;
}
