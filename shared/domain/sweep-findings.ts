/** What a sweep saw that people should know of, and that kept it from nothing. */
import type { Problem } from './errors.ts';
import { formatSource, type Source } from './source.ts';
import { formatTarget, type Target } from './target.ts';

/** The current version of a bound source has expired: the services go on presenting it. */
export function expiredSource(source: Source, expiresAt: string): Problem {
  const path = formatSource(source);
  return {
    code: 'CERTIFICATE_EXPIRED',
    message: `The current version of ${path} expired on ${expiresAt.slice(0, 10)}, and its targets hold it.`,
    resource: path,
    cure: `Create or upload a new version: az keyvault certificate create --vault-name ${source.vault} --name ${source.name} --policy @policy.json`,
  };
}

/** A source is gone, and what it left at a target no clean-up takes away. */
export function leftBehind(source: Source, target: Target): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_ORPHANED',
    message: `${formatSource(source)} is deleted, and ${path} still holds it: Certkeeper removes nothing there by itself.`,
    resource: path,
    cure: `Detach it when nothing relies on it any more: DELETE /api/certificates/${formatSource(source)}?targets=${path}; or recover the certificate.`,
  };
}

/** Each once: one cause may stand in the way of many. */
export function distinctFindings(findings: readonly Problem[]): readonly Problem[] {
  const found = new Map(findings.map((one) => [JSON.stringify([one.code, one.message]), one]));
  return [...found.values()];
}
