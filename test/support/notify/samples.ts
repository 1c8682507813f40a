import fc from 'fast-check';
import {
  SEVERITIES,
  type AuditFinding,
  type AuditReport,
} from '../../../shared/domain/audit/audit-report.ts';
import type { FindingCode } from '../../../shared/domain/audit/finding-codes.ts';
import type { Item } from '../../../shared/domain/notify/message.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';

export const DAY = '2026-11-28T02:00:00.000Z';

/** A finding; `id` makes it the one that it is. */
export function finding(id: string, more: Partial<AuditFinding> = {}): AuditFinding {
  return {
    id,
    code: 'EXPIRES_SOON',
    severity: 'high',
    about: `contoso-kv/${id}`,
    resourceId: `https://contoso-kv.vault.azure.net/certificates/${id}`,
    message: `${id} expires in 9 days.`,
    cure: `npx certkeeper show contoso-kv/${id}`,
    since: DAY,
    ...more,
  };
}

/** A report of these findings; the other parts say nothing. */
export function report(
  findings: readonly AuditFinding[],
  more: Partial<AuditReport> = {},
): AuditReport {
  return {
    reportVersion: 1,
    id: '20261128T020000Z-3f9c1a',
    startedAt: DAY,
    completedAt: DAY,
    requestedBy: { kind: 'platform' },
    scope: {
      vaults: [{ name: 'contoso-kv', resourceId: '/vaults/contoso-kv', certificates: 3 }],
      services: [{ name: 'contoso-gw', resourceId: '/service/contoso-gw', certificates: 2 }],
    },
    headline: {
      health: 'attention',
      sentence: 'Some certificates need somebody.',
      certificates: 5,
      findings: { critical: 0, high: 0, medium: 0, low: 0 },
      acknowledged: 0,
      nextDates: [],
    },
    certificates: [],
    findings,
    ...more,
  };
}

export function event(id: string, more: Partial<OutcomeEvent> = {}): OutcomeEvent {
  return {
    id,
    type: 'Certkeeper.SyncFailed',
    subject: 'contoso-kv/gateway-client',
    time: DAY,
    data: {
      target: 'contoso-gw/certificates/gateway-client',
      problem: { code: 'PERMISSION_MISSING', message: 'contoso-gw may not read contoso-kv.' },
    },
    ...more,
  };
}

/** Texts that mean something to a place that reads markup, mentions people, or turns lines around. */
export const HOSTILE = [
  '<!channel> <@U012AB3CD> <https://evil.example|click>',
  '@channel @here @everyone <at>Everyone</at>',
  '[click](https://evil.example) ![x](https://evil.example/x.png) **bold** `code`',
  '*bold* _italic_ ~strike~ ```block```',
  '{{DATE(2026-11-28T02:00:00Z, SHORT)}} ${subject}',
  '"},{"type":"Action.OpenUrl","url":"https://evil.example"}',
  '</script><img src=x onerror=alert(1)>',
  '\u202egnp.exe\u202c\u0000\u001b[31m\r\n=cmd|calc',
] as const;

export const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.string({ unit: 'grapheme', maxLength: 3_000 }),
);

const CODES: readonly FindingCode[] = ['EXPIRES_SOON', 'EXPIRED', 'WEAK_KEY', 'ORPHANED'];

/** Items whose texts somebody else has chosen. */
export const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc
    .record({
      change: fc.constantFrom('appeared' as const, 'worsened' as const, 'cleared' as const),
      code: fc.constantFrom(...CODES),
      severity: fc.constantFrom(...SEVERITIES),
      about: hostileText,
      message: hostileText,
      cure: hostileText,
    })
    .map(({ change, ...texts }): Item => {
      return { kind: 'finding', id: 'x', change, finding: finding('x', texts), before: 'medium' };
    }),
  fc
    .record({ subject: hostileText, target: hostileText, message: hostileText })
    .map(({ subject, target, message }): Item => {
      const data = { target, problem: { code: message, message, cure: message } };
      return { kind: 'event', id: 'e', severity: 'high', event: event('e', { subject, data }) };
    }),
);
