/** What Certkeeper has registered, and the entries at the place that are it. */
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import { keyName, type OwnKey, type PublicKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import type { KeyChange } from './ports.ts';

/**
 * The entry that is a key of Certkeeper's own: by its id or, where that is not known or has changed,
 * by the name that it was given. The same certificate under another name was registered by somebody
 * else.
 */
export function entryOf(key: OwnKey, entries: readonly KeyEntry[]): KeyEntry | undefined {
  const { keyId, source, thumbprint } = key;
  return (
    entries.find((one) => one.keyId === keyId && (one.thumbprint ?? thumbprint) === thumbprint) ??
    entries.find((one) => one.thumbprint === thumbprint && one.displayName === keyName(source))
  );
}

export function isOf({ source }: OwnKey, other: Source): boolean {
  return formatSource(source) === formatSource(other);
}

/** What is written down right before a key is registered; what was known of it stays. */
export function toIntended(
  { source, thumbprint, der, startsAt, expiresAt }: PublicKey & { readonly source: Source },
  known: readonly OwnKey[],
  at: string,
): OwnKey {
  const before = known.find((one) => isOf(one, source) && one.thumbprint === thumbprint);
  const removeAfter = before?.removeAfter;
  return {
    ...{ source, thumbprint, der, startsAt, expiresAt },
    registeredAt: at,
    ...(removeAfter === undefined ? {} : { removeAfter }),
  };
}

/**
 * What is Certkeeper's own after a change: what was and is not removed, and what was added, each
 * with what a look showed of it.
 */
export function ownAfter(facts: {
  readonly before: readonly OwnKey[];
  readonly change: KeyChange;
  readonly added: KeyChange['add'];
  readonly after: readonly KeyEntry[];
  readonly at: string;
  readonly seenAt: string;
}): readonly OwnKey[] {
  const { before, change, added, after, at, seenAt } = facts;
  const isRemoved = (key: OwnKey): boolean =>
    change.remove.some((one) => isOf(one, key.source) && one.thumbprint === key.thumbprint);
  const isAdded = (key: OwnKey): boolean =>
    added.some((one) => isOf(key, one.source) && one.thumbprint === key.thumbprint);
  const intended = [
    ...before.filter((key) => !isRemoved(key) && !isAdded(key)),
    ...added.map((key) => toIntended(key, before, at)),
    // Registered by a change that was cut off before it could be written down, or known by name only.
    ...change.add
      .filter((key) => !added.includes(key))
      .map((key) => toIntended(key, before, at))
      .filter(
        (key) => !before.some((one) => isOf(one, key.source) && one.thumbprint === key.thumbprint),
      )
      .filter((key) => entryOf(key, after) !== undefined),
  ];
  return intended.map((key) => {
    const entry = entryOf(key, after);
    const seen =
      entry === undefined
        ? key
        : asSeen(key, { keyId: entry.keyId, verifiedAt: key.verifiedAt ?? seenAt });
    return change.note === undefined ? seen : change.note(seen);
  });
}

/** The same object when there is nothing new, so that it is not written again. */
function asSeen(
  key: OwnKey,
  seen: { readonly keyId: string; readonly verifiedAt: string },
): OwnKey {
  const isKnown = key.keyId === seen.keyId && key.verifiedAt === seen.verifiedAt;
  return isKnown ? key : { ...key, ...seen };
}

/** Whether the certificate is registered, under whatever name. */
export function holds(entries: readonly KeyEntry[], key: { readonly thumbprint: string }): boolean {
  return entries.some(({ thumbprint }) => thumbprint === key.thumbprint);
}

export function idsOf(entries: readonly KeyEntry[]): ReadonlySet<string> {
  return new Set(entries.map(({ keyId }) => keyId));
}
