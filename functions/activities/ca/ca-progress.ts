import type { CaProgress } from '../../../shared/contracts/ca.ts';
import type { CaCopies, CaLedger, CaStores } from '../../../shared/domain/ca-ports.ts';

export interface CaUpdatePorts {
  readonly stores: Pick<CaStores, 'observe' | 'startUpdate' | 'pollUpdate'>;
  readonly ledger: CaLedger;
  readonly copies: Pick<CaCopies, 'list' | 'read'>;
  /** `CERTKEEPER_CA_DOWNTIME`. */
  readonly downtime: 'ask' | 'accept';
  readonly now: () => Date;
}

/** Something else can be done at once. */
export function more(says: string): CaProgress {
  return { state: 'more', says };
}

/** Asked again soon at first, and more seldom the longer it goes on. */
export function waiting(says: string, ageMs: number, atLeastSeconds = 0): CaProgress {
  const pace =
    ageMs < 10_000 ? 2 : ageMs < 60_000 ? 5 : ageMs < 600_000 ? 30 : ageMs < 3_600_000 ? 60 : 300;
  return { state: 'waiting', says, afterSeconds: Math.max(pace, atLeastSeconds) };
}

export const ENDED: CaProgress = { state: 'ended' };
