import { createHash } from 'node:crypto';
import { formatSource, type Source } from '../domain/source.ts';

/**
 * The id of the one sync that may run for a source: a short hash, since vault and name together
 * may be longer than the 100 characters that an instance id allows.
 */
export function syncInstanceId(source: Source): string {
  const hash = createHash('sha256').update(formatSource(source)).digest('hex').slice(0, 20);
  return `sync-${hash}`;
}

/** The id of the one check of access that may run for a vault. Vault names fit as they stand. */
export function vaultCheckId(vault: string): string {
  return `access-${vault}`;
}
