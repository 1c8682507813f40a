/**
 * What stands between a certificate and a workspace. The workspace reads no vault: Certkeeper itself
 * reads the certificate with its key and puts it there, so it is Certkeeper's own permission that
 * counts, and no identity of the service.
 */
import { found, passed, unknown, type AccessCheck } from './access-check.ts';
import type { CertificateFacts, Look } from './access-facts.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkService } from './check-service.ts';
import { anotherId } from './plan-steps.ts';
import type { ServiceObservation } from './service.ts';
import { formatSource, type Source } from './source.ts';
import { formatTarget, type WorkspaceCertificateTarget } from './target.ts';
import type { TargetState } from './target-state.ts';

/** Everything that the checks know about a workspace's certificate and a source. */
export interface PushedAccessFacts {
  readonly source: Source;
  readonly target: WorkspaceCertificateTarget;
  readonly service: Look<ServiceObservation>;
  /** What is at the target now, with the answer whether that is a version of the source. */
  readonly installed: Look<TargetState>;
  readonly certificate: Look<CertificateFacts>;
  /** Whether Certkeeper got the current version with its key. */
  readonly key: Look<'readable'>;
  /** ISO 8601. */
  readonly now: string;
}

const PEM = 'application/x-pem-file';

/** Answers every check that the facts allow, the passed ones too. */
export function checkPushedAccess(facts: PushedAccessFacts): readonly AccessCheck[] {
  const { source, service, installed, certificate, now } = facts;
  return [
    ...look('service', service, checkService),
    ...look('reference', installed, (state) => [checkPlace(facts, state)]),
    ...look('certificate', certificate, (seen) =>
      checkCertificate(source, seen, now, readThumbprint(facts, seen)).map((check) =>
        isOnlyPem(check, seen)
          ? passed(
              'exportable',
              formatSource(source),
              `${formatSource(source)} is kept as PEM, and put there as PKCS#12.`,
            )
          : check,
      ),
    ),
    ...checkKey(facts),
  ];
}

function checkPlace({ source, target }: PushedAccessFacts, state: TargetState): AccessCheck {
  const resource = formatTarget(target);
  const name = formatSource(source);
  if (state.kind !== 'present') {
    return passed('reference', resource, `There is no certificate at ${resource} yet.`);
  }
  const { reference } = state.installed;
  if (reference.kind === 'uploaded' && reference.ofSource === true) {
    return passed('reference', resource, `${resource} holds a version of ${name}.`);
  }
  const what =
    reference.kind === 'uploaded'
      ? `a certificate that is no version of ${name}`
      : 'a reference to a vault, which Certkeeper does not keep in workspaces';
  return found('reference', 'blocks', {
    code: 'REFERENCE_ELSEWHERE',
    resource,
    message: `${resource} holds ${what}.`,
    cure: `Choose another id for it (${anotherId(target)}), or remove the certificate that is there.`,
  });
}

function checkKey({ source, key }: PushedAccessFacts): readonly AccessCheck[] {
  const resource = formatSource(source);
  switch (key.kind) {
    case 'seen':
      return [
        passed('permission', resource, `Certkeeper itself can read ${resource} with its key.`),
      ];
    case 'gone':
    case 'unseen': {
      // Here Certkeeper is the one that has to read it: what it may not do is in the way.
      const { code, message, cure = '' } = key.problem;
      return [
        found('permission', 'blocks', {
          code,
          message,
          cure,
          resource: key.problem.resource ?? resource,
        }),
      ];
    }
    case 'unasked':
      return [];
  }
}

function isOnlyPem(check: AccessCheck, seen: CertificateFacts): boolean {
  return (
    check.severity !== 'passed' &&
    check.code === 'CERTIFICATE_WRONG_TYPE' &&
    seen.kind === 'present' &&
    seen.current.contentType?.toLowerCase() === PEM
  );
}

/** Of the version that is known to come with its key: it was read just now, or is there already. */
function readThumbprint(
  { key, installed }: PushedAccessFacts,
  seen: CertificateFacts,
): string | undefined {
  return key.kind === 'seen' && seen.kind === 'present'
    ? seen.current.thumbprint
    : thumbprintAt(installed);
}

function thumbprintAt(installed: Look<TargetState>): string | undefined {
  return installed.kind === 'seen' && installed.value.kind === 'present'
    ? installed.value.installed.thumbprint
    : undefined;
}

function look<Seen>(
  check: 'service' | 'reference' | 'certificate',
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
