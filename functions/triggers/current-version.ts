import type { ListedVersion, Vaults } from '../../shared/domain/vault-ports.ts';
import type { Source } from '../../shared/domain/source.ts';

/**
 * Which of a certificate's versions is the current one: the newest created. Key Vault keeps that to
 * the second; where two were made in the same one, it is what the vault itself answers.
 * @param listed newest first
 */
export async function findCurrent(
  vault: Pick<Vaults, 'readCurrent'>,
  source: Source,
  listed: readonly ListedVersion[],
): Promise<string | undefined> {
  const [newest, second] = listed;
  if (newest === undefined || newest.createdAt !== second?.createdAt) return newest?.version;
  const observation = await vault.readCurrent(source);
  if (observation.kind === 'present') return observation.current.version;
  // Refused for being disabled: then it is one that is.
  const together = listed.filter(({ createdAt }) => createdAt === newest.createdAt);
  return together.find(({ enabled }) => !enabled)?.version ?? newest.version;
}
