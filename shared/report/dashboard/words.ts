/** The dashboard's words for states, and how it writes times and thumbprints. */
import { daysBetween, toDay, toDayAndTime, toDistance } from '../html/format.ts';
import { commandOf } from '../html/finding-groups.ts';
import { html, type Html } from '../../pages/html.ts';
import type { RunningOperation } from './dashboard-view.ts';
import type { CertificateStatus } from '../../domain/certificate-list.ts';

export const STATUS_WORDS: Readonly<Record<CertificateStatus, string>> = {
  failed: 'Failed',
  blocked: 'Blocked',
  pending: 'Pending',
  verified: 'Verified',
  ignored: 'Ignored',
  unbound: 'Unbound',
};

export const OPERATION_WORDS: Readonly<Record<RunningOperation['kind'], string>> = {
  sync: 'Sync',
  sweep: 'Sweep',
  'access-check': 'Check of access',
  grant: 'Giving access',
  'ca-update': 'Update of CA certificates',
  audit: 'Audit',
};

/** A status in its colour; the word says it too. */
export function statusBadge(status: CertificateStatus): Html {
  return html`<span class="badge ${status}">${STATUS_WORDS[status]}</span>`;
}

/** The first eight digits are enough to compare. */
export function shortThumbprint(thumbprint: string): Html {
  return html`<code title="${thumbprint}">${thumbprint.slice(0, 8)}…</code>`;
}

/** A time; the page's script says how long ago that was. */
export function ago(time: string): Html {
  return html`<time datetime="${time}" data-ago>${toDayAndTime(time)}</time>`;
}

/** From how many days on an expiry is worth a colour. */
const NEAR = [
  { days: 7, level: 'critical' },
  { days: 14, level: 'high' },
  { days: 30, level: 'medium' },
] as const;

/** Until when a certificate is good, and how far off that is. */
export function expiry(expiresAt: string | undefined, now: string): Html {
  if (expiresAt === undefined) return html`<span class="quiet">not known</span>`;
  const days = daysBetween(now, expiresAt);
  const level = NEAR.find((near) => days < near.days)?.level ?? '';
  const far = toDistance(now, expiresAt);
  return html`<time datetime="${expiresAt}">${toDay(expiresAt)}</time>
    <span class="far ${level}">${days < 0 ? `expired ${far}` : far}</span>`;
}

/** What the reader can do; a command in it looks like one. */
export function cureText(cure: string | undefined): Html | undefined {
  if (cure === undefined) return undefined;
  const command = commandOf(cure);
  if (command === undefined) return html`<span class="cure">${cure}</span>`;
  const at = cure.lastIndexOf(command);
  return html`<span class="cure">${cure.slice(0, at)}<code>${command}</code></span>`;
}
