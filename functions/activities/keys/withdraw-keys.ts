import { isOf } from './own-entries.ts';
import type { ChangeKeys } from './change-keys.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';

/**
 * Takes away what Certkeeper registered for a source, and nothing else. Run again it finds nothing
 * to do.
 * @returns what was taken away
 */
export async function withdrawKeys(
  change: ChangeKeys,
  source: Source,
  target: KeyTarget,
): Promise<readonly OwnKey[]> {
  const { change: done } = await change(target, ({ own }) => ({
    add: [],
    remove: own.filter((one) => isOf(one, source)),
  }));
  return done.remove;
}
