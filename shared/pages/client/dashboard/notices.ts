import { byId, element } from './element.ts';

export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly message: string;
  readonly cure?: string;
}

/** More would hide what they are about. */
const MOST = 4;
const GOOD_STAYS_MS = 12_000;

/** Tells what came of something that the reader asked for. What went wrong stays until it is put away. */
export function tell({ tone, message, cure }: Notice): void {
  const notices = byId('notices', HTMLElement);
  const close = element(
    'button',
    { type: 'button', class: 'button-text', 'aria-label': 'Put away' },
    '×',
  );
  const notice = element(
    'div',
    { class: `notice notice-${tone}` },
    element('p', {}, message, cure !== undefined && element('span', { class: 'cure' }, cure)),
    close,
  );
  const away = (): void => notice.remove();
  close.addEventListener('click', away);
  if (tone === 'good') setTimeout(away, GOOD_STAYS_MS);
  notices.append(notice);
  while (notices.children.length > MOST) notices.firstElementChild?.remove();
}
