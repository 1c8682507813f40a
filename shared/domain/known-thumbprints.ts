import type { Binding, SourceRecord } from './binding.ts';
import { targetKey, type Target } from './target.ts';
import { thumbprintIn, type Work } from './work.ts';

/**
 * The thumbprints that resolve at a target, or will once it is brought up to date: what it holds and
 * what the vault shows. Undefined = it is not known what it holds.
 */
export function presentThumbprintsOf(
  { record, bindings }: { readonly record: SourceRecord; readonly bindings: readonly Binding[] },
  target: Target,
): readonly string[] | undefined {
  const held = bindings.find((one) => targetKey(one.target) === targetKey(target));
  if (held?.targetThumbprint === undefined) return undefined;
  return distinct([held.targetThumbprint, record.thumbprint]);
}

/**
 * The thumbprints by which something may refer to what is at a target: what it holds, what the vault
 * shows, and what both held before.
 * @param seen what was seen at the target besides what the ledger knows
 */
export function thumbprintsOf(
  { record, bindings }: { readonly record: SourceRecord; readonly bindings: readonly Binding[] },
  target: Target,
  ...seen: readonly (string | undefined)[]
): readonly string[] {
  const binding = bindings.find((one) => targetKey(one.target) === targetKey(target));
  const { thumbprint, verified, earlier = [] } = record;
  const all = [
    ...seen,
    binding?.targetThumbprint,
    binding?.pushed?.thumbprint,
    thumbprint,
    verified?.looks.thumbprint,
    ...earlier,
  ];
  return distinct(all);
}

/** Those that a sync knows: what is there, what was before, and what was pushed. */
export function thumbprintsInWork({
  state,
  previousThumbprint,
  pushedThumbprint,
}: Pick<Work, 'state' | 'previousThumbprint' | 'pushedThumbprint'>): readonly string[] {
  return distinct([thumbprintIn(state), previousThumbprint, pushedThumbprint]);
}

function distinct(thumbprints: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(thumbprints.filter((one) => one !== undefined))];
}
