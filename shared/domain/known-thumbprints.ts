import type { Binding, SourceRecord } from './binding.ts';
import { targetKey, type Target } from './target.ts';

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
  return [...new Set(all.filter((one) => one !== undefined))];
}
