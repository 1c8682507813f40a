import { readAskedTargets } from '../../../shared/domain/asked-targets.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Cleanup } from '../../../shared/domain/cleanup.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { targetKey, type Target } from '../../../shared/domain/target.ts';

/**
 * Puts the binding of a removed target back, as one that is asked for: whether the source may be
 * put there is decided anew by the sync, by `CERTKEEPER_ALLOW` or by the role that allowed it. What
 * somebody had attached by hand is Certkeeper's own from then on, since Certkeeper puts it back.
 * Doing it twice leaves what doing it once leaves.
 *
 * @param how.tags those of the source's current version: what they ask for is theirs. Everything else
 * is asked for as by a call, since tags that name other targets would withdraw what they never asked
 * for. Absent = it is a call.
 */
export async function rebind(
  ledger: Pick<Ledger, 'binding' | 'release' | 'saveBinding'>,
  { source, target, binding, at, removedAt = at }: Cleanup,
  how: {
    readonly allowedBy?: Binding['allowedBy'];
    readonly tags?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  const { allowedBy = binding.allowedBy, tags = {} } = how;
  const origin = binding.origin === 'tag' && isNamed(tags, source, target) ? 'tag' : 'http';
  const known = await ledger.binding(source, target);
  // It was attached and verified again since: there is nothing to put back.
  if (known?.claimed === true && (known.verifiedAt ?? '') > removedAt) return;
  const allowed = allowedBy === undefined ? {} : { allowedBy };
  if (known?.claimed === false) {
    const kept = known.origin === 'http' ? known.origin : origin;
    await ledger.saveBinding({ ...known, ...allowed, origin: kept });
    return;
  }
  // Bound still, where the removal was cut off: a sync would find it gone, and give it up.
  if (known !== undefined) await ledger.release(source, [target]);
  await ledger.saveBinding({
    ...{ source, target, origin },
    claimed: false,
    status: 'pending',
    versionless: false,
    ...allowed,
  });
}

function isNamed(tags: Readonly<Record<string, string>>, source: Source, target: Target): boolean {
  const asked = readAskedTargets(tags, source);
  return (
    asked.kind === 'targets' && asked.targets.some((one) => targetKey(one) === targetKey(target))
  );
}
