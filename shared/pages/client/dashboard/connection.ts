/** Says in the page's head how the connection is, and how old it is, what is shown. */
import { sayAgo } from './ago.ts';
import { byId, element } from './element.ts';
import { hasKey } from './key.ts';

/** How the last try went. */
export type Connection = 'live' | 'lost' | 'failing' | 'signed-out' | 'refused';

const WORDS: Readonly<Record<Connection, string>> = {
  live: 'Live',
  lost: 'Certkeeper does not answer.',
  failing: 'Certkeeper cannot say just now how things stand.',
  'signed-out': 'You are signed out.',
  refused: 'You may not look any more.',
};

/** A listener hears it when it changes, and only then. */
export function tellConnection(connection: Connection, shownAt: number): void {
  if (document.body.dataset['link'] !== connection) {
    document.body.dataset['link'] = connection;
    byId('link-word', HTMLElement).replaceChildren(WORDS[connection], ...wayBack(connection));
  }
  tellShown(shownAt);
}

/** Not said aloud, since it changes all the time. */
export function tellShown(shownAt: number): void {
  const age = byId('link-age', HTMLElement);
  const at = new Date(shownAt).toLocaleTimeString();
  const said =
    document.body.dataset['link'] === 'live'
      ? ''
      : `What is shown is from ${at}, ${sayAgo(Date.now() - shownAt)}.`;
  if (age.textContent !== said) age.textContent = said;
}

function wayBack(connection: Connection): readonly (Node | string)[] {
  if (connection !== 'signed-out') return [];
  const here = location.pathname + location.search;
  // What is loaded anew asks for a key again.
  const [href, word] = hasKey()
    ? [here, 'Give a key']
    : [`/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(here)}`, 'Sign in'];
  return [' ', element('a', { href }, word)];
}
