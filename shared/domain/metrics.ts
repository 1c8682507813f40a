/** What Certkeeper measures of itself. docs/metrics.md names every instrument. */
import type { AuditReport, Severity } from './audit/audit-report.ts';
import type { FindingCode } from './audit/finding-codes.ts';
import type { SyncVerdict, TargetOutcome } from './outcome.ts';
import type { SourceObservation } from './source.ts';

/** Takes measurements. None of its methods throws or waits: nothing may fail for being measured. */
export interface Metrics {
  syncEnded(verdict: SyncVerdict): void;
  /** @param seconds from the version's creation in the vault until it was verified at the target */
  rotated(seconds: number): void;
  /** @param place its name in the settings */
  notified(place: string, outcome: 'sent' | 'refused' | 'undelivered'): void;
}

/** What of the last audit is measured again and again until the next one. */
export interface AuditFigures {
  /** When the audit was completed, ISO 8601. */
  readonly at: string;
  /** Those that nobody has acknowledged, and apart from them those that somebody has. Bounded. */
  readonly findings: readonly {
    readonly code: FindingCode;
    readonly severity: Severity;
    readonly acknowledged: boolean;
    readonly count: number;
  }[];
  /**
   * The certificate of each vault and each service that expires first: one entry each. Where there
   * are more vaults and services than are kept, those that come first.
   */
  readonly expirations: readonly {
    readonly kind: 'vault' | 'service';
    readonly name: string;
    readonly expiresAt: string;
  }[];
}

/** Keeps the figures of the last audit. Throws TerminalError or TransientError and nothing else. */
export interface FiguresLedger {
  read(): Promise<AuditFigures | undefined>;
  write(figures: AuditFigures): Promise<void>;
}

/** Of a report: what the figures are made of. */
export type FiguredReport = Pick<AuditReport, 'completedAt'> & {
  readonly findings: readonly Pick<
    AuditReport['findings'][number],
    'code' | 'severity' | 'acknowledged'
  >[];
};
export type FiguredCertificate = Pick<
  AuditReport['certificates'][number],
  'place' | 'vault' | 'service' | 'expiresAt'
>;

/** How many entries of each kind are kept: they go into one row, and become time series. */
const MOST_ENTRIES = 150;

/** Makes figures of a report whose certificates come one after another, and none of which is held. */
export function makeFigures(): {
  /** Comes first: takes a certificate of the report into account. */
  readonly add: (certificate: FiguredCertificate) => void;
  /** As many entries as there are codes, vaults and services, and never more than a row holds. */
  readonly of: (report: FiguredReport) => AuditFigures;
} {
  const expirations = new Map<string, AuditFigures['expirations'][number]>();
  return {
    add({ place, vault, service, expiresAt }) {
      const kind = place === 'vault' ? 'vault' : 'service';
      const name = kind === 'vault' ? vault : service;
      if (name === undefined || expiresAt === undefined) return;
      const key = `${kind} ${name}`;
      const first = expirations.get(key);
      if (first === undefined || Date.parse(expiresAt) < Date.parse(first.expiresAt)) {
        expirations.set(key, { kind, name, expiresAt });
      }
    },
    of: ({ completedAt, findings }) => ({
      at: completedAt,
      findings: countFindings(findings).slice(0, MOST_ENTRIES),
      expirations: [...expirations.values()]
        .sort((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt))
        .slice(0, MOST_ENTRIES),
    }),
  };
}

function countFindings(
  all: FiguredReport['findings'],
): readonly AuditFigures['findings'][number][] {
  const counts = new Map<string, AuditFigures['findings'][number]>();
  for (const { code, severity, acknowledged } of all) {
    const isAcknowledged = acknowledged !== undefined;
    const key = `${code} ${severity} ${String(isAcknowledged)}`;
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { code, severity, acknowledged: isAcknowledged, count });
  }
  return [...counts.values()];
}

/**
 * How long each rotation of a sync took. Only a target that held an older version counts: what is
 * attached anew may hold a version that is a year old.
 * @param at when it was verified, ISO 8601
 */
export function rotationSeconds(
  observation: SourceObservation | undefined,
  outcomes: readonly TargetOutcome[],
  at: string,
): readonly number[] {
  if (observation?.kind !== 'present') return [];
  const seconds = (Date.parse(at) - Date.parse(observation.current.createdAt)) / 1_000;
  if (Number.isNaN(seconds)) return [];
  return outcomes.filter((one) => one.outcome === 'rotated').map(() => Math.max(0, seconds));
}
