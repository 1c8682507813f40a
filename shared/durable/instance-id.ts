import { createHash } from 'node:crypto';
import { formatSource, type Source } from '../domain/source.ts';
import { targetKey, type Target } from '../domain/target.ts';

/**
 * The id of the one sync that may run for a source: a short hash, since vault and name together
 * may be longer than the 100 characters that an instance id allows.
 */
export function syncInstanceId(source: Source): string {
  return `sync-${toHash(formatSource(source))}`;
}

/** The id of the one grant by hand that may run for a source and a target. */
export function grantInstanceId(source: Source, target: Target): string {
  return `grant-${toHash(`${formatSource(source)} ${targetKey(target)}`)}`;
}

/** The id of the one update of CA certificates that may run for a service. */
export function caUpdateId(service: string): string {
  return `ca-${toHash(service)}`;
}

function toHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/** The id of the one check of access that may run for a vault. Vault names fit as they stand. */
export function vaultCheckId(vault: string): string {
  return `access-${vault}`;
}

/** The id of the one orchestration that may tell a place, e.g. `notify-teams-ops`. */
export function notifyId(place: string): string {
  return `notify-${place.replace(':', '-')}`;
}
