/**
 * Ports: what is told outside.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
/** An event about what Certkeeper did, as it goes to the custom topic (CloudEvents 1.0). */
export interface OutcomeEvent {
  /** Deterministic, so that a repeated publication can be recognised. */
  readonly id: string;
  readonly type:
    | 'Certkeeper.AccessBroken'
    | 'Certkeeper.AccessRestored'
    | 'Certkeeper.AccessGranted'
    | 'Certkeeper.CaCertificateAdded'
    | 'Certkeeper.CaCertificateRemoved'
    | 'Certkeeper.CaUpdateFailed'
    | 'Certkeeper.CertificateAttached'
    | 'Certkeeper.CertificateDetached'
    | 'Certkeeper.CertificateExpired'
    | 'Certkeeper.CertificateNearExpiry'
    | 'Certkeeper.CertificateRotated'
    | 'Certkeeper.FindingAppeared'
    | 'Certkeeper.FindingCleared'
    | 'Certkeeper.FindingWorsened'
    | 'Certkeeper.NotificationTest'
    | 'Certkeeper.OrphansDoubted'
    | 'Certkeeper.ReferencesBroken'
    | 'Certkeeper.ReferencesRepaired'
    | 'Certkeeper.SyncFailed'
    | 'Certkeeper.TargetOrphaned'
    | 'Certkeeper.TargetRecovered'
    | 'Certkeeper.TargetRemoved'
    | 'Certkeeper.VersionSuspect';
  /** `vault/name`; of CA certificates `{service}/ca/{store}`; of findings what they are about. */
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutcomePublisher {
  publish(events: readonly OutcomeEvent[]): Promise<void>;
}
