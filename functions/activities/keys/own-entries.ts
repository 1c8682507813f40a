/** What Certkeeper has registered, and the entries at the place that are it. */
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import { keyName, type OwnKey, type PublicKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import type { KeyChange } from './ports.ts';

type OfSource = PublicKey & { readonly source: Source };

/**
 * The entry that is a key of Certkeeper's own: by its id or, where that is not known or has changed,
 * by the name that it was given. The same certificate under another name was registered by somebody
 * else.
 */
export function entryOf(key: OwnKey, entries: readonly KeyEntry[]): KeyEntry | undefined {
  const { keyId, source, thumbprint, name = keyName(source) } = key;
  return (
    entries.find((one) => one.keyId === keyId && (one.thumbprint ?? thumbprint) === thumbprint) ??
    entries.find((one) => one.thumbprint === thumbprint && one.displayName === name)
  );
}

export function isOf({ source }: OwnKey, other: Source): boolean {
  return formatSource(source) === formatSource(other);
}

/**
 * What leaves a place with the keys that a change takes away: Certkeeper's own entries that no other
 * source relies on, and the keys that they are of.
 */
export function goingWith(
  { add, remove }: KeyChange,
  own: readonly OwnKey[],
  entries: readonly KeyEntry[],
): { readonly keys: readonly OwnKey[]; readonly entries: readonly KeyEntry[] } {
  const staying = [...own.filter((key) => !includes(remove, key)), ...add];
  const keys = remove.filter((key) => !holds(staying, key) && entryOf(key, entries) !== undefined);
  const going = new Set(keys.flatMap((key) => entryOf(key, entries) ?? []));
  return { keys, entries: [...going] };
}

/** What is written down right before a key is registered; what was known of it stays. */
export function toIntended(
  { source, thumbprint, der, startsAt, expiresAt }: OfSource,
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
 * What sources rely on after a change: what they did and that is not removed, what was added, and what
 * a source found there, each with what a look showed of it.
 */
export function ownAfter(facts: {
  readonly before: readonly OwnKey[];
  readonly change: KeyChange;
  readonly added: readonly OwnKey[];
  readonly after: readonly KeyEntry[];
  readonly at: string;
  readonly seenAt: string;
}): readonly OwnKey[] {
  const { before, change, added, after, at, seenAt } = facts;
  const known = [...before, ...added];
  const kept = [
    ...before.filter((key) => !includes(change.remove, key) && !includes(added, key)),
    ...added,
    ...change.add.filter((key) => !includes(known, key)).map((key) => toIntended(key, before, at)),
  ];
  return kept.map((key) => {
    const seen = asSeen(key, known, after, seenAt);
    return change.note === undefined ? seen : change.note(seen);
  });
}

/**
 * A key with what a look shows of it. What Certkeeper has registered for one source is its own for
 * every other that relies on it, also once the first has left. The same object when there is nothing
 * new, so that it is not written again.
 */
function asSeen(
  key: OwnKey,
  known: readonly OwnKey[],
  after: readonly KeyEntry[],
  seenAt: string,
): OwnKey {
  if (!holds(after, key) && entryOf(key, after) === undefined) return key;
  const verifiedAt = key.verifiedAt ?? seenAt;
  const same = known.filter(({ thumbprint }) => thumbprint === key.thumbprint);
  const entry = [key, ...same].flatMap((one) => entryOf(one, after) ?? [])[0];
  // Somebody else registered it: that is enough.
  if (entry === undefined) return key.verifiedAt === undefined ? { ...key, verifiedAt } : key;
  const { keyId, displayName = keyName(key.source) } = entry;
  const name = displayName === keyName(key.source) ? undefined : displayName;
  if (key.keyId === keyId && key.name === name && key.verifiedAt === verifiedAt) return key;
  const { name: _, ...rest } = key;
  return { ...rest, keyId, verifiedAt, ...(name === undefined ? {} : { name }) };
}

function includes(keys: readonly OfSource[], key: OfSource): boolean {
  return keys.some(
    (one) =>
      one.thumbprint === key.thumbprint && formatSource(one.source) === formatSource(key.source),
  );
}

/** Whether the certificate is registered, under whatever name; or is among keys. */
export function holds(
  entries: readonly { readonly thumbprint?: string }[],
  key: { readonly thumbprint: string },
): boolean {
  return entries.some(({ thumbprint }) => thumbprint === key.thumbprint);
}

export function idsOf(entries: readonly KeyEntry[]): ReadonlySet<string> {
  return new Set(entries.map(({ keyId }) => keyId));
}
