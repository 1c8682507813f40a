/** The table of certificates as lines, so that a page of them can be shown, however many there are. */
import { keyOf, type Book, type Holder, type Row } from './page-data.ts';

export const LINES_ON_PAGE = 100;

export type Line =
  | { readonly kind: 'certificate'; readonly row: Row }
  | {
      readonly kind: 'holder';
      readonly holder: Holder;
      readonly rows: readonly Row[];
      readonly folded: boolean;
      /** It began on the page before. */
      readonly continued?: true;
    };

/** A line for each certificate, in the order in which they come. */
export function toLines(rows: readonly Row[]): Line[] {
  return rows.map((row) => ({ kind: 'certificate', row }));
}

/**
 * The same by what they are in: a line for each service and each vault, by name, and below it, if it
 * is not folded, those of its certificates.
 *
 * @param isFolded asked with the key of a holder
 */
export function toHolderLines(
  rows: readonly Row[],
  book: Book,
  isFolded: (key: string) => boolean,
): Line[] {
  const groups = [...Map.groupBy(rows, (row) => keyOf(book.holderOf(row)))];
  // `service/…` comes before `vault/…`.
  return groups
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, inside]): Line[] => {
      const [first] = inside;
      if (first === undefined) return [];
      const folded = isFolded(key);
      return [
        { kind: 'holder', holder: book.holderOf(first), rows: inside, folded },
        ...(folded ? [] : toLines(inside)),
      ];
    });
}

/** A page of lines. One that begins inside of a service or vault begins with its line once more. */
export function pageOf(lines: readonly Line[], page: number): readonly Line[] {
  const from = page * LINES_ON_PAGE;
  const shown = lines.slice(from, from + LINES_ON_PAGE);
  if (shown[0]?.kind !== 'certificate') return shown;
  const above = lines.slice(0, from).findLast((line) => line.kind === 'holder');
  return above === undefined ? shown : [{ ...above, continued: true }, ...shown];
}

export function pagesOf(lines: readonly Line[]): number {
  return Math.max(1, Math.ceil(lines.length / LINES_ON_PAGE));
}
