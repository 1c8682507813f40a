import type { Binding } from '../../../shared/domain/binding.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import type { DecidedTarget } from './decide-targets.ts';

/**
 * Writes what was decided into the ledger, from where a sync takes it. A target is claimed by the
 * sync that attaches it; one that is taken over is claimed here, since that gives its owner's claim
 * up. Doing it twice leaves what doing it once leaves.
 */
export async function bindTargets(
  ledger: Pick<Ledger, 'binding' | 'claim' | 'claimsOf' | 'release' | 'saveBinding'>,
  source: Source,
  decided: readonly DecidedTarget[],
): Promise<void> {
  for (const { target, allowedBy, takeOver } of decided) {
    const before = await ledger.binding(source, target);
    const known = before === undefined ? undefined : stay(before);
    if (takeOver !== undefined && known?.claimed !== true) {
      await takeClaim(ledger, source, target);
    }
    const binding: Binding = {
      ...(known ?? { source, target, status: 'pending', versionless: false }),
      origin: 'http',
      claimed: takeOver !== undefined || known?.claimed === true,
      ...(allowedBy === undefined ? {} : { allowedBy }),
      ...(takeOver === undefined ? {} : { takeOver }),
    };
    await ledger.saveBinding(binding);
  }
}

/** Whoever binds it again has thought better of detaching it. */
function stay({ leaving: _, ...binding }: Binding): Binding {
  return binding;
}

/** Takes a target for a source, from another one if that has it. */
export async function takeClaim(
  ledger: Pick<Ledger, 'claim' | 'claimsOf' | 'release'>,
  source: Source,
  target: DecidedTarget['target'],
): Promise<void> {
  if ((await ledger.claim(source, target)) !== 'taken') return;
  const place = targetKey(target).split('/')[0] ?? '';
  const owner = (await ledger.claimsOf(place)).get(targetKey(target));
  if (owner !== undefined) await ledger.release(owner, [target]);
  await ledger.claim(source, target);
}
