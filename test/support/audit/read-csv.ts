/** Reads CSV as RFC 4180 says; the test's own, so that it shares no mistake with the writer. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[at + 1] === '"') cell += text[(at += 1)] ?? '';
      else quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === ',' || (one === '\r' && text[at + 1] === '\n')) {
      row.push(cell);
      cell = '';
      if (one === ',') continue;
      at += 1;
      rows.push(row);
      row = [];
    } else cell += one;
  }
  expect([quoted, cell, row]).toEqual([false, '', []]);
  return rows;
}

/** A text without the apostrophes that keep spreadsheets from running it. */
export function withoutGuards(text: string): string {
  return text.replaceAll(
    /(?<=^|[;\t\r\n])'(?=[\p{Zs}\p{Cf}\v\f]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/gu,
    '',
  );
}
