import { clean } from './problem.ts';
import { breakText } from './table.ts';

/**
 * An entry of a list: what it is called on a line of its own, so that it can be copied, and below it
 * what is to be said of it.
 * @param columns what a line may take; undefined = as long as it is
 */
export function formatEntry(
  head: string,
  lines: readonly string[],
  indent: string,
  columns: number | undefined,
): string {
  const below = `${indent}  `;
  const room = columns === undefined ? Infinity : columns - below.length;
  return [
    `${indent}${head}`,
    ...lines.flatMap((line) =>
      breakText(clean(line), room)
        .split('\n')
        .map((part) => `${below}${part.trimEnd()}`),
    ),
  ].join('\n');
}

/** A path on a line of its own, broken where it is too long. */
export function formatPath(path: string, columns: number | undefined): string {
  return breakText(clean(path), columns === undefined ? Infinity : columns - 2)
    .split('\n')
    .map((part) => `  ${part}`)
    .join('\n');
}

/** What somebody may do next; the command stays whole, so that it can be copied. */
export function formatNext(words: string, command: string, columns: number | undefined): string {
  const line = `${words}  ${command}`;
  return line.length <= (columns ?? 80) ? line : `${words}\n  ${command}`;
}

/** `1 target`, `2 targets`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** `vault/name`. */
export function nameOf({ vault, name }: { readonly vault: string; readonly name: string }): string {
  return clean(`${vault}/${name}`);
}
