/** The words of a command line as a shell reads them; what a shell fills in stays as it is written. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|\{[^}]*\})+/g) ?? [];
  const end = words.findIndex((word) => word.startsWith('#') || word === '|' || word === '>');
  return (end === -1 ? words : words.slice(0, end))
    .map((word) => word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, '$1$2'))
    .filter((word, at) => at > 0 || !/^[A-Z_]+=/.test(word));
}
