import type { Vaults } from '../../shared/domain/vault-ports.ts';
import type { Source } from '../../shared/domain/source.ts';
import type { InstalledCertificate, TargetState } from '../../shared/domain/target-state.ts';

/**
 * Says whether what was found at a pushed target is a version of the source, whoever put it there:
 * then it belongs to the source and is brought up to date. One list of versions; what was not
 * uploaded is answered as it is. Changes nothing.
 */
export function makeIdentifyTarget(vaults: Pick<Vaults, 'versions'>) {
  return async (input: {
    source: Source;
    installed: InstalledCertificate;
  }): Promise<TargetState> => {
    const { source, installed } = input;
    if (installed.reference.kind !== 'uploaded') return { kind: 'present', installed };
    const ofSource = await isVersionOf(vaults, source, installed);
    return {
      kind: 'present',
      installed: { ...installed, reference: { kind: 'uploaded', ofSource } },
    };
  };
}

/** Whether an uploaded certificate is a version of the source, be it an old or a disabled one. */
export async function isVersionOf(
  vaults: Pick<Vaults, 'versions'>,
  source: Source,
  { reference, thumbprint }: InstalledCertificate,
): Promise<boolean> {
  if (reference.kind !== 'uploaded' || thumbprint === undefined) return false;
  const versions = await vaults.versions(source);
  return versions.some((version) => version.thumbprint === thumbprint);
}
