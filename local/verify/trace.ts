/** The requests of a question, as a report shows them. */

/** Enough to see what was asked; a question that waits asks the same hundreds of times. */
const MOST_LINES = 40;

/** Takes names and ids out, puts the same ones in a row together, and cuts the rest. */
export function makeFolder(
  redact: (text: string) => string,
): (lines: readonly string[]) => readonly string[] {
  return (lines) => {
    const folded: { line: string; times: number }[] = [];
    for (const line of lines.map(redact)) {
      const last = folded.at(-1);
      if (last?.line === line) last.times += 1;
      else folded.push({ line, times: 1 });
    }
    const shown = folded.map(({ line, times }) =>
      times === 1 ? line : `${line} (${times} times)`,
    );
    const more = shown.length - MOST_LINES;
    return more > 0 ? [...shown.slice(0, MOST_LINES), `… and ${more} more`] : shown;
  };
}
