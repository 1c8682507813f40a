import type { CleanupPolicy } from '../../../shared/domain/cleanup.ts';
import type { Cleanups } from '../../../shared/domain/cleanup-ports.ts';
import type { OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../../shared/domain/target-ports.ts';
import type { UsageScanner } from '../../../shared/domain/usage-ports.ts';
import type { SourceSightings } from '../../../shared/domain/vault-ports.ts';
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
