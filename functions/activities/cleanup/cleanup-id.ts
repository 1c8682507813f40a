import { createHash } from 'node:crypto';
import { countDown } from '../../../shared/domain/count-down.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { targetKey, type Target } from '../../../shared/domain/target.ts';

/**
 * The id of the one removal of a target for one deletion of its source: begun again after a crash it
 * is the same. It counts down with the time at which the source was found gone, so that the newest
 * comes first.
 * @param since ISO 8601
 */
export function cleanupId(source: Source, target: Target, since: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([formatSource(source), targetKey(target), since]))
    .digest('hex');
  return `${countDown(since)}-${digest.slice(0, 12)}`;
}
