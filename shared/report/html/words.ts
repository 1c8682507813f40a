/** The words and marks that several parts of the page share. */
import type { AuditedCertificate, Severity } from '../../domain/audit/audit-report.ts';
import type { RequestedBy } from '../../domain/requested-by.ts';
import { html, type Html } from '../../pages/html.ts';
import { toDay, toDistance } from './format.ts';

export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

export const PLACE_WORDS: Readonly<Record<AuditedCertificate['place'], string>> = {
  vault: 'In the vault',
  client: 'Client certificate',
  workspace: 'Certificate of a workspace',
  ca: 'CA certificate',
  hostname: 'Custom domain',
  gateway: 'Self-hosted gateway',
};

export const ORIGIN_WORDS: Readonly<Record<AuditedCertificate['origin'], string>> = {
  vault: 'made or imported there',
  'key-vault': 'read from Key Vault by the service',
  uploaded: 'uploaded as a file',
  pushed: 'pushed by Certkeeper',
  managed: 'managed by Azure',
  unknown: 'not known',
};

export const RENEWAL_WORDS: Readonly<Record<'auto' | 'notify-only' | 'none', string>> = {
  auto: 'by the vault, before it expires',
  'notify-only': 'by nobody; the vault sends a mail',
  none: 'by nobody',
};

export function severityBadge(severity: Severity): Html {
  return html`<span class="badge ${severity}">${SEVERITY_WORDS[severity]}</span>`;
}

/** A day, and how far it is from the report's. */
export function dayHtml(at: string, day: string): Html {
  return html`<time datetime="${day}">${toDay(day)}</time>
    <span class="quiet">${toDistance(at, day)}</span>`;
}

/**
 * A text that goes with a button to copy it; without a script the button does not show.
 *
 * @param what said to who cannot see what the button stands beside, e.g. `the command`
 */
export function copyButton(text: string, what: string): Html {
  return html`<button type="button" class="button button-small copy" data-copy="${text}">
    Copy<span class="visually-hidden"> ${what}</span>
  </button>`;
}

/** Who asked for something. */
export function toName(by: RequestedBy): string {
  if (by.kind === 'entra') return by.name ?? by.id;
  return by.kind === 'function-key' ? 'somebody with a function key' : 'the schedule';
}
