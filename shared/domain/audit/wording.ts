import { toPlainText } from '../plain-text.ts';

/** The first of several names, and how many more there are: `a, b and 3 more`. */
export function someOf(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map((name) => toPlainText(name, 120));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}

/** `1 certificate`, `2 certificates`. */
export function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A word of a command that somebody may paste into a shell: what is not plain is quoted for it. */
export function shellWord(text: string): string {
  const line = toPlainText(text, 1_000);
  return /^[\w./:@-]+$/.test(line) ? line : `'${line.replaceAll("'", String.raw`'\''`)}'`;
}
