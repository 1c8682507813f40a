import type { Severity } from '../audit/audit-report.ts';
import type { OutcomeEvent } from '../event-ports.ts';

/** What Certkeeper publishes because somebody was to be told: no rule is asked about it again. */
type OwnMessage =
  | 'Certkeeper.FindingAppeared'
  | 'Certkeeper.FindingCleared'
  | 'Certkeeper.FindingWorsened'
  | 'Certkeeper.NotificationTest';

/** Events that a rule can route. */
export type RoutedEvent = Exclude<OutcomeEvent['type'], OwnMessage>;

/** How grave it is that an event happens; `low` is for what went well. */
const SEVERITY_OF: Readonly<Record<RoutedEvent, Severity>> = {
  'Certkeeper.AccessBroken': 'high',
  'Certkeeper.AccessGranted': 'low',
  'Certkeeper.AccessRestored': 'low',
  'Certkeeper.CaCertificateAdded': 'low',
  'Certkeeper.CaCertificateRemoved': 'low',
  'Certkeeper.CaUpdateFailed': 'high',
  'Certkeeper.CertificateAttached': 'low',
  'Certkeeper.CertificateDetached': 'low',
  'Certkeeper.CertificateExpired': 'critical',
  'Certkeeper.CertificateNearExpiry': 'medium',
  'Certkeeper.CertificateRotated': 'low',
  'Certkeeper.OrphansDoubted': 'medium',
  'Certkeeper.ReferencesBroken': 'high',
  'Certkeeper.ReferencesRepaired': 'low',
  'Certkeeper.SyncFailed': 'high',
  'Certkeeper.TargetOrphaned': 'medium',
  'Certkeeper.TargetRecovered': 'low',
  'Certkeeper.TargetRemoved': 'low',
  'Certkeeper.VersionSuspect': 'medium',
};

/** An event's name as people write it in a rule: without `Certkeeper.`. */
export function eventName(type: OutcomeEvent['type']): string {
  return type.slice('Certkeeper.'.length);
}

/** Names of all events that a rule can route. */
export const EVENT_NAMES: readonly string[] = Object.keys(SEVERITY_OF).map((type) =>
  type.slice('Certkeeper.'.length),
);

/** Undefined for what no rule routes. */
export function eventSeverity(type: OutcomeEvent['type']): Severity | undefined {
  return (SEVERITY_OF as Readonly<Partial<Record<OutcomeEvent['type'], Severity>>>)[type];
}
