import type { ManagementPorts } from './ports.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import { keyPlaces } from '../../../shared/domain/key-care.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { formatTarget, type KeyTarget } from '../../../shared/domain/target.ts';

/** A key at a place, whoever registered it. */
export interface ListedKey {
  readonly target: string;
  readonly keyId: string;
  readonly thumbprint?: string;
  readonly name?: string;
  readonly startsAt?: string;
  readonly expiresAt?: string;
  /** `vault/name` of what Certkeeper registered; absent = somebody else did. */
  readonly source?: string;
  /** From when on Certkeeper takes it away. */
  readonly removeAfter?: string;
}

/** Graph throttles: no more places are asked at once. */
const LOOKS_AT_ONCE = 4;

/** Every key at the places under care, read now. A place that cannot be read is reported. */
export async function listKeys(
  ports: Pick<ManagementPorts, 'care' | 'look'>,
  only?: KeyTarget,
): Promise<{ readonly keys: readonly ListedKey[]; readonly problems: readonly Problem[] }> {
  const places = only === undefined ? keyPlaces(ports.care) : [only];
  const keys: ListedKey[] = [];
  const problems: Problem[] = [];
  for (let at = 0; at < places.length; at += LOOKS_AT_ONCE) {
    const some = places.slice(at, at + LOOKS_AT_ONCE);
    const found = await Promise.all(some.map((target) => lookAt(ports, target)));
    for (const one of found) {
      if ('problem' in one) problems.push(one.problem);
      else keys.push(...one.keys);
    }
  }
  return { keys, problems };
}

async function lookAt(
  { look }: Pick<ManagementPorts, 'look'>,
  target: KeyTarget,
): Promise<{ readonly keys: readonly ListedKey[] } | { readonly problem: Problem }> {
  try {
    const { entries, notes } = await look(target);
    const keys = entries.map(({ keyId, thumbprint, displayName, startsAt, expiresAt }) => {
      // Of several sources that rely on it, the one that keeps it there longest.
      const [own] = notes.own
        .filter((key) => key.keyId === keyId)
        .sort((a, b) => endOf(b).localeCompare(endOf(a)));
      return {
        ...{ target: formatTarget(target), keyId },
        ...(thumbprint === undefined ? {} : { thumbprint }),
        ...(displayName === undefined ? {} : { name: displayName }),
        ...(startsAt === undefined ? {} : { startsAt }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(own === undefined ? {} : { source: formatSource(own.source) }),
        ...(own?.removeAfter === undefined ? {} : { removeAfter: own.removeAfter }),
      };
    });
    return { keys };
  } catch (error) {
    if (error instanceof TerminalError || error instanceof TransientError) {
      return { problem: error.problem };
    }
    throw error;
  }
}

function endOf({ removeAfter, expiresAt }: OwnKey): string {
  return removeAfter ?? expiresAt;
}
