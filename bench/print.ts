/** A measurement as it is printed: what, how much, and what to compare it with. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly note?: string;
}

/** Prints a titled block of figures, 80 columns wide. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length));
  const values = Math.max(...figures.map(({ value }) => value.length));
  const lines = figures.map(({ what, value, note }) => {
    const head = `  ${what.padEnd(width)}  ${value.padStart(values)}`;
    return note === undefined ? head : `${head}  ${note}`;
  });
  process.stdout.write([title, ...lines, ''].join('\n') + '\n');
}

/** Shows that a long measurement goes on; nothing where nobody watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** The value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

export const ms = (value: number): string =>
  `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} ms`;
export const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`;
/** A number as people write it: 1,234. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
/** How many times the one is the other. */
export const ratio = (value: number, of: number): string => (value / of).toFixed(2);
