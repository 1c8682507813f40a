/** The rules of a setting: separated by `;` or a new line; empty ones do not count. */
export function splitRules(text: string): readonly string[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
