/** What is markup within a line. */
const WITHIN = /[\\`*_{}[\]()|~$^]/g;
/** What is markup where a line begins: headings, rules, lists, with a number too. */
const IN_FRONT = /^(\s*)([-+#=]|\d+(?=[.)]))/;

/** Entities, where a backslash would not keep a renderer from a tag, or from a link of its own making. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '@': '&#64;',
  ':': '&#58;',
};

/**
 * Code as it is, to be copied: within a code span nothing is markup, and it ends only with as many
 * backticks as it began with (https://spec.commonmark.org/0.31.2/#code-spans). Stands on one line.
 */
export function toCodeSpan(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  // A backtick at an end would become part of the fence.
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/**
 * A text as it is, wherever in a Markdown document it is put: no markup, no HTML, no link that a
 * renderer makes by itself, and no second line.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[&<>@]|:(?=\/\/)/g, (one) => ENTITIES[one] ?? one)
    .replaceAll(WITHIN, String.raw`\$&`)
    .replaceAll(/\bwww\./gi, (one) => `${one.slice(0, -1)}&#46;`)
    .replace(IN_FRONT, (_, blanks: string, mark: string) =>
      /\d/.test(mark) ? `${blanks}${mark}\\` : `${blanks}\\${mark}`,
    );
}
