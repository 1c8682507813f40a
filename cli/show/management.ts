import type { ApiManagementAdded, ApiManagementKeys, ApiManagementRemoved } from '../api.ts';
import type { Output } from '../output.ts';
import { clean, problemLines } from './problem.ts';
import { formatExpiry, formatTime, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** Keys by the place they are at: whose each is, and until when. */
export function formatKeys(
  { keys, problems }: ApiManagementKeys,
  output: Shown,
  now: number,
): string {
  const { colors, columns } = output;
  const places = Map.groupBy(keys, ({ target }) => target);
  const lists = [...places].map(([target, some]) =>
    [
      colors.bold(clean(target)),
      ...some.map(({ name, thumbprint, expiresAt, source, removeAfter }) =>
        [
          `  ${clean(name ?? 'without a name').slice(0, 76)}`,
          `    ${clean(thumbprint ?? 'thumbprint unknown')}`,
          `    ${[
            ...(expiresAt === undefined ? [] : [formatExpiry(expiresAt, now)]),
            source === undefined ? 'of others' : `for ${clean(source)}`,
            ...(removeAfter === undefined ? [] : [`goes after ${formatTime(removeAfter)} UTC`]),
          ].join('; ')}`,
        ].join('\n'),
      ),
    ].join('\n'),
  );
  const nothing = keys.length === 0 && problems.length === 0;
  return [
    ...lists,
    ...(nothing ? ['No application under care has a key (CERTKEEPER_APPLICATIONS).'] : []),
    ...problems.map((one) => problemLines(one, columns ?? 80)),
  ].join('\n\n');
}

/** What was registered where. */
export function formatAddedKey(added: ApiManagementAdded, output: Shown, now: number): string {
  const { targets, understood, warnings, source } = added;
  const width = output.columns ?? 80;
  return [
    `${clean(understood.subject)}, ${clean(understood.thumbprint)}`,
    `expires ${formatExpiry(understood.notAfter, now)}`,
    '',
    ...targets.map(
      ({ target, outcome }) => `  ${statusWord(outcome, output.colors)} ${clean(target)}`,
    ),
    '',
    ...warnings.map((one) => problemLines(one, width)),
    wrap(
      `Whoever holds its private key can sign in now. Take it away again: npx certkeeper management remove ${clean(source.name)}`,
      '',
      width,
    ),
  ].join('\n');
}

/** What was taken away. */
export function formatRemovedKeys(
  { targets, source }: ApiManagementRemoved,
  output: Shown,
): string {
  if (targets.length === 0) {
    return wrap(`Nothing is registered under ${clean(source.name)}.`, '', output.columns ?? 80);
  }
  return targets
    .flatMap(({ target, removed }) => [
      clean(target),
      ...(removed.length === 0
        ? ['  nothing of it was there any more']
        : removed.map((thumbprint) => `  removed ${clean(thumbprint)}`)),
    ])
    .join('\n');
}
