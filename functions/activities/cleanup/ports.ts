import type { CleanupPolicy } from '../../../shared/domain/cleanup.ts';
import type {
  Cleanups,
  History,
  Ledger,
  OutcomePublisher,
  PushedCertificates,
  SourceSightings,
  UsageScanner,
} from '../../../shared/domain/ports.ts';
import type { makeTakeBack } from '../grants/take-back.ts';

/** What cleaning up needs of the world. */
export interface CleanUpPorts {
  readonly ledger: Pick<Ledger, 'claimsOf' | 'ofSource' | 'release' | 'saveOrphans'>;
  readonly cleanups: Pick<
    Cleanups,
    'add' | 'confirmed' | 'find' | 'forget' | 'recentAt' | 'replace'
  >;
  readonly vaults: SourceSightings;
  readonly scanner: UsageScanner;
  readonly pushed: Pick<PushedCertificates, 'observe' | 'remove'>;
  readonly takeBack: ReturnType<typeof makeTakeBack>;
  readonly history: Pick<History, 'add'>;
  readonly publisher: OutcomePublisher;
  readonly policy: CleanupPolicy;
  /** The cloud's vault suffix, e.g. `vault.azure.net`. */
  readonly vaultSuffix: string;
  readonly now: () => Date;
}
