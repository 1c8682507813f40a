import Table from 'cli-table3';

const GAP = 2;
/** Narrower than this a column cannot be read. */
const NARROWEST = 12;

/**
 * A table with heads and two blanks between columns.
 * @param columns what a line may take: the widest columns are broken to fit; undefined = never
 * @param whole columns that are never broken, though a line becomes too long
 */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
  whole: readonly number[] = [],
): string {
  const widths = fit(naturalWidths(heads, rows), columns, whole);
  const table = new Table({
    head: [...heads],
    colWidths: widths.map((width) => width + GAP),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    chars: NO_LINES,
  });
  // Broken here: the table would break colours in two.
  table.push(...rows.map((row) => row.map((cell, at) => breakText(cell, widths[at] ?? Infinity))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** What a line of a table takes where nothing in it is broken. */
export function tableWidth(heads: readonly string[], rows: readonly (readonly string[])[]): number {
  return lineWidth(naturalWidths(heads, rows));
}

function naturalWidths(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly number[] {
  return heads.map((head, at) =>
    rows.reduce((width, row) => Math.max(width, lengthOf(row[at] ?? '')), lengthOf(head)),
  );
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

/** Takes from the widest column, again and again, until the line is short enough. */
function fit(
  natural: readonly number[],
  columns: number | undefined,
  whole: readonly number[],
): number[] {
  const widths = [...natural];
  while (columns !== undefined && lineWidth(widths) > columns) {
    const widest = Math.max(...widths.filter((_, at) => !whole.includes(at)));
    if (widest <= NARROWEST) break;
    const at = widths.findIndex((width, one) => width === widest && !whole.includes(one));
    widths[at] = Math.max(NARROWEST, widest - (lineWidth(widths) - columns > 8 ? 4 : 1));
  }
  return widths;
}

/** Breaks a text that is too long after a slash, a blank or a hyphen, or else where it must. */
export function breakText(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  const head = text.slice(0, width);
  const at = Math.max(head.lastIndexOf('/'), head.lastIndexOf(' '), head.lastIndexOf('-')) + 1;
  const end = at > width / 3 ? at : width;
  return `${text.slice(0, end)}\n${breakText(text.slice(end), width)}`;
}

/** Columns that a text takes on a terminal, colours left out. */
function lengthOf(text: string): number {
  // eslint-disable-next-line no-control-regex -- the escapes that colours are made of
  return text.replace(/\u001b\[\d+m/g, '').length;
}

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);
