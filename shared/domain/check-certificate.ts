/** Whether the certificate's current version is one that API Management can take. */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { CertificateFacts } from './access-facts.ts';
import type { ProblemCode } from './errors.ts';
import { formatSource, type CurrentVersion, type Source } from './source.ts';

const PKCS12 = 'application/x-pkcs12';

/** @param installed thumbprint of what was read from this source with its key, if anything */
export function checkCertificate(
  source: Source,
  certificate: CertificateFacts,
  now: string,
  installed?: string,
): readonly AccessCheck[] {
  const path = formatSource(source);
  const at = `--vault-name ${source.vault} --name ${source.name}`;
  const blocked = (code: ProblemCode, message: string, cure: string): AccessCheck =>
    found('certificate', 'blocks', { code, resource: path, message, cure });
  if (certificate.kind === 'absent') {
    switch (certificate.why) {
      case 'deleted':
        return [
          blocked(
            'CERTIFICATE_DELETED',
            `${path} is deleted, and can still be recovered.`,
            `az keyvault certificate recover ${at}`,
          ),
        ];
      case 'pending':
        return [
          blocked(
            'CERTIFICATE_PENDING',
            `${path} has no version yet: its first one is still to be issued.`,
            `See what it waits for: az keyvault certificate pending show ${at}`,
          ),
        ];
      case 'absent':
        return [
          blocked(
            'SOURCE_NOT_FOUND',
            `There is no certificate ${path} in the vault.`,
            `Create it: az keyvault certificate create ${at} --policy @policy.json`,
          ),
        ];
    }
  }
  if (certificate.kind === 'disabled' || !certificate.current.enabled) {
    const version =
      certificate.kind === 'present' ? ` --version ${certificate.current.version}` : '';
    return [
      blocked(
        'CURRENT_VERSION_DISABLED',
        `The current version of ${path} is disabled; an older one is never read in its place.`,
        `az keyvault certificate set-attributes ${at}${version} --enabled true`,
      ),
    ];
  }
  const { current } = certificate;
  return [
    passed('certificate', path, `The current version of ${path} is there and enabled.`),
    checkValidity(path, at, current, now),
    checkExportable(path, at, current, installed),
  ];
}

function checkValidity(
  path: string,
  at: string,
  { expiresAt, notBefore }: CurrentVersion,
  now: string,
): AccessCheck {
  const renew = `az keyvault certificate create ${at} --policy @policy.json`;
  if (expiresAt !== undefined && expiresAt <= now) {
    return found('validity', 'blocks', {
      code: 'CERTIFICATE_EXPIRED',
      resource: path,
      message: `The current version of ${path} expired on ${expiresAt.slice(0, 10)}.`,
      cure: `Create a new version: ${renew}`,
    });
  }
  if (notBefore !== undefined && notBefore > now) {
    return found('validity', 'may-block', {
      code: 'CERTIFICATE_NOT_YET_VALID',
      resource: path,
      message: `The current version of ${path} is not valid before ${notBefore}, which may block it until then.`,
      cure: `Wait until then, or create a version that is valid now: ${renew}`,
    });
  }
  return passed('validity', path, `The current version of ${path} is valid now.`);
}

/** A key that may not be exported is left out of the secret: then it holds no private key. */
function checkExportable(
  path: string,
  at: string,
  { contentType, exportable, policyChangedAt, thumbprint }: CurrentVersion,
  installed: string | undefined,
): AccessCheck {
  const renew = `Create a new version with an exportable key and the content type ${PKCS12} in its policy: az keyvault certificate create ${at} --policy @policy.json`;
  if (policyChangedAt !== undefined) {
    return installed === thumbprint
      ? passed(
          'exportable',
          path,
          `The current version of ${path} has been read with its private key.`,
        )
      : found('exportable', 'may-block', {
          code: 'CERTIFICATE_POLICY_CHANGED',
          resource: path,
          message: `The policy of ${path} was changed on ${policyChangedAt.slice(0, 10)}, after its current version was made: whether that one is kept as PKCS#12 with its private key cannot be seen, and may block it.`,
          cure: renew,
        });
  }
  if (contentType !== undefined && contentType.toLowerCase() !== PKCS12) {
    return found('exportable', 'blocks', {
      code: 'CERTIFICATE_WRONG_TYPE',
      resource: path,
      message: `${path} is kept as ${contentType}; API Management reads ${PKCS12} only.`,
      cure: renew,
    });
  }
  if (exportable === false) {
    return found('exportable', 'blocks', {
      code: 'CERTIFICATE_NOT_EXPORTABLE',
      resource: path,
      message: `The private key of ${path} is not exportable, so API Management reads a certificate without its private key.`,
      cure: renew,
    });
  }
  return passed('exportable', path, `${path} is kept as PKCS#12 with an exportable private key.`);
}
