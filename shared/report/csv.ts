/** A value in a table; undefined is an empty cell. */
export type Cell = string | number | boolean | undefined;

/**
 * Before what a spreadsheet takes for a formula, and runs (OWASP: CSV injection): at the beginning of a
 * cell, of whatever blanks it begins with, and in the wide forms that Japanese ones read; and where
 * one that splits at semicolons or tabs instead, quotes or not, sees another cell begin.
 */
const FORMULA =
  /(?<=^|[;\t\r\n])(?=[\p{Zs}\p{Cf}\v\f]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])|^(?=[\t\r\n])/gu;

/**
 * A table as CSV (RFC 4180): CRLF, quotes where they are needed, one header row. What a spreadsheet
 * would run as a formula gets an apostrophe in front.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map(toCsvRow).join('');
}

/** One row of such a table; a long one is written in pieces. */
export function toCsvRow(row: readonly Cell[]): string {
  return `${row.map(toCell).join(',')}\r\n`;
}

function toCell(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = value.replaceAll(FORMULA, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
