import { isOf } from './own-entries.ts';
import type { ChangeKeys } from './change-keys.ts';
import type { ChangedKeys } from './ports.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';

/**
 * Takes away what Certkeeper registered for a source, and nothing else: what another source relies on
 * stays until that one leaves. Run again it finds nothing to do.
 * @returns what was taken away
 */
export async function withdrawKeys(
  change: ChangeKeys,
  source: Source,
  target: KeyTarget,
): Promise<readonly OwnKey[]> {
  return (await leavePlace(change, source, target)).removed;
}

/** The same; what was there for the source, and what is there afterwards. */
export async function leavePlace(
  change: ChangeKeys,
  source: Source,
  target: KeyTarget,
): Promise<ChangedKeys> {
  return await change(target, ({ own }) => ({
    add: [],
    remove: own.filter((one) => isOf(one, source)),
  }));
}
