/**
 * Controls, which a terminal obeys, and marks that turn the direction of writing, which make a name
 * look like another (Unicode Technical Report 36).
 */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]+/gu;

/** A text that came from outside, on one line and of bounded length; harmful to no reader. */
export function toPlain(text: string, longest = 500): string {
  const line = text.toWellFormed().replaceAll(UNSHOWABLE, '\u{FFFD}');
  return line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;
}

/** The first of several names, and how many more there are: `a, b and 3 more`. */
export function someOf(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map((name) => toPlain(name, 120));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}

/** `1 certificate`, `2 certificates`. */
export function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A word of a command that somebody may paste into a shell: what is not plain is quoted for it. */
export function shellWord(text: string): string {
  const line = toPlain(text, 1_000);
  return /^[\w./:@-]+$/.test(line) ? line : `'${line.replaceAll("'", String.raw`'\''`)}'`;
}
