/** A report in a line, for somebody who reads nothing else. */
import type {
  AuditedCertificate,
  AuditFinding,
  Headline,
  Health,
  NextDate,
  Severity,
} from './audit-report.ts';
import { count } from './wording.ts';

const DAY_MS = 86_400_000;
const MOST_DATES = 3;

/**
 * @param findings all of them; those that are acknowledged are counted apart and say nothing here
 * @param at when the report was made, ISO 8601
 */
export function headline(
  certificates: readonly AuditedCertificate[],
  findings: readonly AuditFinding[],
  at: string,
): Headline {
  return {
    ...judge(findings, { certificates: certificates.length, at, rows: certificates }),
    certificates: certificates.length,
    nextDates: findNextDates(certificates, at),
  };
}

/** What a headline says of findings. */
export type Judgement = Pick<Headline, 'health' | 'sentence' | 'findings' | 'acknowledged'>;

/**
 * The part of a headline that follows from findings: of those of a report it is another one as soon
 * as something is acknowledged.
 */
export function judge(findings: readonly AuditFinding[], seen: Seen): Judgement {
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const counts = countBySeverity(open);
  const health = healthOf(counts);
  return {
    health,
    sentence: SENTENCES[health]({ ...seen, open, counts }),
    findings: counts,
    acknowledged: findings.length - open.length,
  };
}

interface Seen {
  /** How many certificates there are. */
  readonly certificates: number;
  /** When the report was made, ISO 8601. */
  readonly at: string;
  /** Absent = nothing is said of what they alone tell. */
  readonly rows?: readonly AuditedCertificate[];
}

function countBySeverity(findings: readonly AuditFinding[]): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

function healthOf({ critical, high, medium }: Headline['findings']): Health {
  if (critical > 0) return 'act-now';
  return high + medium > 0 ? 'attention' : 'healthy';
}

interface Said extends Seen {
  readonly open: readonly AuditFinding[];
  readonly counts: Headline['findings'];
}

const SENTENCES: Readonly<Record<Health, (said: Said) => string>> = {
  'act-now': sayActNow,
  attention: ({ counts: { high, medium } }) => {
    const soon = high === 0 || medium === 0 ? '' : `, ${String(high)} of them soon`;
    return `Nothing is broken; ${count(high + medium, 'finding')} ${high + medium === 1 ? 'wants' : 'want'} somebody to act${high > 0 && medium === 0 ? ' soon' : soon}.`;
  },
  healthy: ({ certificates, counts: { low } }) => {
    if (low > 0) return `Nothing has to be done; ${count(low, 'thing')} could be tidied up.`;
    if (certificates === 0) return 'No certificates were seen.';
    return certificates === 1
      ? 'The certificate is in order.'
      : `All ${count(certificates, 'certificate')} are in order.`;
  },
};

function sayActNow({ rows, open, at }: Said): string {
  const critical = open.filter(({ severity }) => severity === 'critical');
  const expired = critical.filter(({ code }) => code === 'EXPIRED');
  const expiring = critical.filter(({ code }) => code === 'EXPIRES_VERY_SOON');
  const others = critical.length - expired.length - expiring.length;
  const parts = [
    ...(expired.length === 0
      ? []
      : [
          `${count(expired.length, 'certificate')} ${expired.length === 1 ? 'has' : 'have'} expired`,
        ]),
    ...(expiring.length === 0 ? [] : [sayExpiring(expiring, rows, at)]),
    ...(others === 0
      ? []
      : [
          critical.length === others
            ? `${count(others, 'finding')} ${others === 1 ? 'needs' : 'need'} somebody to act now`
            : `${count(others, 'other finding')} ${others === 1 ? 'is' : 'are'} critical`,
        ]),
  ];
  return `${parts.join('; ')}.`;
}

function sayExpiring(
  expiring: readonly AuditFinding[],
  rows: readonly AuditedCertificate[] | undefined,
  at: string,
): string {
  const one = expiring.length === 1;
  const last = Math.max(...expiring.map(({ dueAt }) => Date.parse(dueAt ?? at)));
  const days = Math.max(1, Math.ceil((last - Date.parse(at)) / DAY_MS));
  const about = new Set(expiring.map((finding) => finding.about));
  const renewed = rows?.filter(({ id }) => about.has(id)).some(mayBeRenewed) ?? true;
  return `${count(expiring.length, 'certificate')} ${one ? 'expires' : 'expire'} within ${count(days, 'day')}${renewed ? '' : `, and nothing will renew ${one ? 'it' : 'them'}`}`;
}

function mayBeRenewed({ origin, renewal }: AuditedCertificate): boolean {
  if (origin === 'uploaded') return false;
  return renewal === undefined || renewal === 'auto';
}

/** A day counts once for each thing that happens on it; what follows its source is named by that. */
function findNextDates(certificates: readonly AuditedCertificate[], at: string): NextDate[] {
  const days = new Map<string, { at: string; what: NextDate['what']; certificates: string[] }>();
  const add = (when: string | undefined, what: NextDate['what'], id: string): void => {
    if (when === undefined || when <= at) return;
    const key = `${when.slice(0, 10)} ${what}`;
    const day = days.get(key);
    if (day === undefined) days.set(key, { at: when, what, certificates: [id] });
    else {
      if (when < day.at) day.at = when;
      day.certificates.push(id);
    }
  };
  for (const one of certificates) {
    const followsSource = one.place !== 'vault' && one.thumbprint === one.sourceThumbprint;
    if (!followsSource || one.thumbprint === undefined) add(one.expiresAt, 'expires', one.id);
    add(one.removedOn, 'removed', one.id);
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_DATES)
    .map(([, day]) => ({ ...day, certificates: day.certificates.toSorted() }));
}
