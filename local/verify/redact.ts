/** Takes out of a text what tells whose Azure it came from, so that a report can be sent on. */

const GUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
/** Who asked, and from where: refusals name both. */
const ACCOUNT = /[\w.#+-]+@[\w.-]+\.\w+/g;
const ADDRESS = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
/** A line of the report, not a document. */
const LONGEST = 300;

/**
 * @param names what to put in place of which words, e.g. `contoso-gw` → `{service}`
 * @returns one line: names and ids are replaced, control characters gone, a long one is cut
 */
export function makeRedactor(names: ReadonlyMap<string, string>): (text: string) => string {
  // Longer names first: one may be within another.
  const ordered = [...names].sort(([left], [right]) => right.length - left.length);
  return (text) => {
    let shown = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    for (const [name, shownAs] of ordered) {
      if (name !== '') shown = shown.replaceAll(new RegExp(literally(name), 'gi'), shownAs);
    }
    shown = shown
      .replaceAll(GUID, '{id}')
      .replaceAll(ACCOUNT, '{account}')
      .replaceAll(ADDRESS, '{address}');
    return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
  };
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
