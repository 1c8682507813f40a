/** Markup that was made by `html`: the only thing that goes into a page as it stands. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Nothing is written of `undefined` and `false`. */
export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

/**
 * Markup from a template: every value that is not markup itself is escaped, for text and for quoted
 * attributes. A value must never stand elsewhere: not in a tag's name, not in an unquoted attribute,
 * not in `<script>` or `<style>` (for these see `inlineElement`).
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((text, string, at) => text + toText(parts[at - 1]) + string));
}

/**
 * The element of a page's script or style, with the text as it stands: nothing is escaped in there,
 * and the policy's hash is of every character.
 *
 * @throws Thrown when the text would end its element
 */
export function inlineElement(name: 'script' | 'style', text: string): Html {
  if (/<\/(script|style)|<!--/i.test(text)) throw new TypeError('The text would end its element.');
  return new Html(`<${name}>${text}</${name}>`);
}

function toText(part: HtmlPart): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(toText).join('');
  return String(part).replace(/[&<>"']/g, (found) => ESCAPED[found] ?? '');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
