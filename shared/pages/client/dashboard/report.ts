/** The link to the report, for whoever holds a key: a link cannot take one along. */
import { element } from './element.ts';
import { hasKey, keyHeaders } from './key.ts';
import { tell } from './notices.ts';
import { wordsOfStatus } from './told.ts';

export function listenForReport(): void {
  document.addEventListener('click', (event) => {
    const { target } = event;
    const link =
      target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-report]') : null;
    if (link === null || !hasKey()) return;
    event.preventDefault();
    void save(link.href);
  });
}

/** The report is a page of its own with all that it needs inside: it is saved, and opened from there. */
async function save(address: string): Promise<void> {
  const response = await fetch(address, {
    headers: { ...keyHeaders(), accept: 'text/html' },
  }).catch(() => undefined);
  if (response?.ok !== true) {
    const message =
      response === undefined ? 'Certkeeper does not answer.' : wordsOfStatus(response.status);
    tell({ tone: 'bad', message });
    return;
  }
  const href = URL.createObjectURL(await response.blob());
  element('a', { href, download: 'certkeeper-report.html' }).click();
  URL.revokeObjectURL(href);
  tell({ tone: 'good', message: 'The report was saved. Open it from your downloads.' });
}
