/**
 * Reads JSON as Azure's host and Core Tools do (Newtonsoft.Json): a byte order mark, comments and
 * commas before a closing bracket are let pass.
 * Thrown when it is none: an Error that says where.
 * @param secret nothing of the text is quoted in what is thrown
 */
export function parseLooseJson(text: string, secret?: 'secret'): unknown {
  const bare = text
    .replace(/^\uFEFF/, '')
    // A text goes first in both, so that nothing inside one is taken for what it looks like. What
    // is left out leaves blanks, so that places stay right.
    .replace(
      /("(?:\\.|[^"\\])*")|\/\/.*|\/\*[^]*?\*\//g,
      (all, quoted?: string) => quoted ?? all.replace(/./g, ' '),
    )
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? ' ');
  let failure: Error;
  try {
    return JSON.parse(bare);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  throw secret === undefined ? failure : new Error(`it is not JSON${placeOf(failure)}`);
}

/** ` (line 3, column 5)`, where V8 says so; the rest of what it says quotes the text. */
function placeOf(error: Error): string {
  const found = /\(line (\d+) column (\d+)\)/.exec(error.message);
  return found ? ` (line ${found[1] ?? ''}, column ${found[2] ?? ''})` : '';
}
