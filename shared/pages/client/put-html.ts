import type { Html } from '../html.ts';

/** Chromium, Safari and Firefox know it; TypeScript's library does not yet. */
declare const trustedTypes:
  { createPolicy(name: string, rules: { createHTML(text: string): string }): Maker } | undefined;
interface Maker {
  createHTML(text: string): string;
}

/** Only what `html` made gets here: a value in it is escaped. It is the page's one way to markup. */
const maker: Maker =
  typeof trustedTypes === 'undefined'
    ? { createHTML: (text) => text }
    : trustedTypes.createPolicy('certkeeper', { createHTML: (text) => text });

/** Puts markup in the place of what an element holds. */
export function putHtml(element: Element, markup: Html): void {
  element.innerHTML = maker.createHTML(markup.text);
}
