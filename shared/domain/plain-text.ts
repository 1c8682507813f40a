/** Unless more or less of a text is asked for. */
const USUAL_LENGTH = 500;

/**
 * What has no business in a line of text: controls, which a terminal obeys, line ends, and marks that
 * turn or hide text, so that a name looks like another (Unicode Technical Report 36).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * A text of somebody else's as one line that says no more than it shows: without control characters,
 * without marks that reverse or hide text, cut to a length.
 * @param most UTF-16 units; a character is never cut in two
 */
export function toPlainText(text: string, most = USUAL_LENGTH): string {
  const line = text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  if (line.length <= most) return line;
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
