/** How many names a path begins and ends with, when it is too long to be read. */
const FIRST = 2;
const LAST = 3;
const LONGEST_NAME = 60;

/**
 * A place in a policy for people: `inbound/authentication-certificate/@thumbprint`. The root is left
 * out, and of a long path the middle.
 * @param above the elements from the root on
 * @param rest what comes below them
 */
export function formatPlace(above: readonly string[], rest: readonly string[] = []): string {
  const length = above.length + rest.length;
  const name = (index: number): string => above[index] ?? rest[index - above.length] ?? '';
  const from = above.length > 0 && length > 1 ? 1 : 0;
  const names: string[] = [];
  for (let index = from; index < length; index += 1) {
    if (index === from + FIRST && length - from > FIRST + LAST + 1) {
      names.push('…');
      index = length - LAST;
    }
    const text = name(index);
    names.push(text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text);
  }
  return names.join('/');
}

/** Tells the line of a place in a text, from 1 on. */
export function makeLineCounter(text: string): (at: number) => number {
  let starts: readonly number[] | undefined;
  return (at) => {
    starts ??= [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (end) => end.index + end[0].length)];
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
