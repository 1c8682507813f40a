/** Whether what is not found any more is over, or may only be out of sight. */

/** In place of many names: all that was looked at. */
const EVERYTHING = '*';
/** A row of storage holds what a place was told, these names with it. */
const MOST_PARTS = 100;

interface Part {
  readonly name: string;
  readonly unreadable?: unknown;
}

/** The vaults and services that could not be read, or not whole; in lower case. */
export function unreadParts({
  vaults,
  services,
}: {
  readonly vaults: readonly Part[];
  readonly services: readonly Part[];
}): ReadonlySet<string> {
  const unread = [...vaults, ...services].filter(({ unreadable }) => unreadable !== undefined);
  return new Set(unread.map(({ name }) => name.toLowerCase()));
}

/**
 * Whether nothing follows from the absence of a finding, or of a certificate by its id: a part was
 * not read that it is about or was concluded from. What an older report says of a finding is only
 * what it is about.
 * @param unread see {@link unreadParts}
 */
export function isStillUnknown(
  { about, dependsOn = [] }: { readonly about: string; readonly dependsOn?: readonly string[] },
  unread: ReadonlySet<string>,
): boolean {
  return stillUnread([partOf(about), ...dependsOn], unread).length > 0;
}

/**
 * Names of vaults and services, each once and in order, without the one that a finding is about.
 * Undefined = there is no other.
 */
export function toDependsOn(about: string, parts: Iterable<string>): readonly string[] | undefined {
  const own = partOf(about);
  const others = new Set([...parts].map((part) => part.toLowerCase()));
  others.delete(own);
  if (others.size === 0) return undefined;
  const many = others.has(EVERYTHING) || others.size > MOST_PARTS;
  return many ? [EVERYTHING] : [...others].sort();
}

/** Of those on which a finding depended: those of which nothing is known now, so that it still does. */
export function stillUnread(
  dependsOn: readonly string[] = [],
  unread: ReadonlySet<string>,
): readonly string[] {
  return dependsOn.filter((part) => (part === EVERYTHING ? unread.size > 0 : unread.has(part)));
}

/** The vault or service that something is in: what its id begins with. */
export function partOf(id: string): string {
  const [name = ''] = id.toLowerCase().split('/');
  return name;
}
