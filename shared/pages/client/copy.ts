import { onClick } from './find-element.ts';

const SHOWN_MS = 2_000;

/**
 * Makes each button with `data-copy` copy that text, and say so: to those who see it on itself, to
 * others through `announce`.
 */
export function setUpCopy(announce: (text: string) => void): void {
  onClick(document, 'data-copy', (text, button) => {
    void copy(text).then((copied) => {
      const said = copied ? 'Copied' : 'Could not copy';
      announce(said);
      button.setAttribute('data-said', said);
      setTimeout(() => button.removeAttribute('data-said'), SHOWN_MS);
    });
  });
}

async function copy(text: string): Promise<boolean> {
  try {
    // Not there on a page that came over plain http, and a browser may refuse it.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
