import { formatSource, type Source } from './source.ts';
import type { Target } from './target.ts';
import type { InstalledCertificate } from './target-state.ts';

/**
 * Whether what is at a target is a source's: by its reference, or put there by Certkeeper as data.
 * @param thumbprints what Certkeeper is known to have put there
 */
export function holdsSource(
  { reference, thumbprint }: InstalledCertificate,
  source: Source,
  target: Target,
  thumbprints: readonly (string | undefined)[],
): boolean {
  if (reference.kind === 'key-vault') {
    return formatSource(reference.secret.source) === formatSource(source);
  }
  const pushed = reference.kind === 'uploaded' && target.kind === 'workspace-certificate';
  return pushed && thumbprint !== undefined && thumbprints.includes(thumbprint);
}
