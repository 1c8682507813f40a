/**
 * Puts a text between `<!-- {name} -->` and `<!-- /{name} -->`, in place of what is there.
 * Thrown when the marks are not there: Error, which names them.
 */
export function putBetweenMarks(text: string, name: string, inner: string): string {
  const [before, rest] = splitOnce(text, `<!-- ${name} -->`);
  const [, after] = splitOnce(rest, `<!-- /${name} -->`);
  return `${before}<!-- ${name} -->\n\n${inner}\n\n<!-- /${name} -->${after}`;
}

function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`There is no ${mark} in the text.`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
