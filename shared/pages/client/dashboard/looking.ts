/** Links and the form that show another part of the list: without loading the page anew. */
import { lookElsewhere } from './live.ts';

/** So that a search does not ask for every letter. */
const TYPING_MS = 250;

export function listenForLooking(): void {
  let typing: number | undefined;
  document.addEventListener('click', (event) => {
    const { target, ctrlKey, metaKey, shiftKey } = event;
    const link =
      target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-look]') : null;
    if (link === null || ctrlKey || metaKey || shiftKey) return;
    event.preventDefault();
    go(new URL(link.href).search, 'push');
  });
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== 'filter') return;
    event.preventDefault();
    go(queryOf(event.target), 'push');
  });
  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const form = target.closest<HTMLFormElement>('form#filter');
    if (form === null) return;
    clearTimeout(typing);
    typing = setTimeout(() => go(queryOf(form), 'replace'), TYPING_MS);
  });
  addEventListener('popstate', lookElsewhere);
}

function queryOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value.trim() !== '') query.set(name, value.trim());
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function go(search: string, how: 'push' | 'replace'): void {
  const address = `${location.pathname}${search}`;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  lookElsewhere();
}
