/** Links into the app: only where the app itself has sent the page. */

/** Below it reports have their addresses. */
const REPORTS = '/api/audits/';

export function showElsewhere(): void {
  if (!location.protocol.startsWith('http') || !location.pathname.startsWith(REPORTS)) return;
  const key = new URLSearchParams(location.search).get('code');
  for (const nav of document.querySelectorAll<HTMLElement>('.in-app')) {
    nav.hidden = false;
    for (const link of nav.querySelectorAll('a')) if (key !== null) addKey(link, key);
  }
}

/** Whoever opened the report with a function key in its address needs it there too. */
function addKey(link: HTMLAnchorElement, key: string): void {
  const query = new URLSearchParams(link.search);
  query.set('code', key);
  link.search = query.toString();
}
