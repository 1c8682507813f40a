/** Sweeps, orphans, clean-ups and repairs as docs/http-api.md describes them. */
import type { ApiProblem } from './api.ts';

interface ApiSource {
  readonly vault: string;
  readonly name: string;
}

/** Of a binding whose certificate is gone from its vault. */
export interface ApiOrphan {
  /** `soft-deleted`, `purged`. */
  readonly fate: string;
  readonly since: string;
  readonly recoverableUntil?: string;
  readonly doubted?: true;
  readonly removeAfter?: string;
  readonly kept?: ApiProblem;
}

/** What a sweep saw and did, by what is counted. */
export type ApiSweepCounts = Readonly<Partial<Record<string, number>>>;

/** What a sweep would do; without a target it is about all of them. */
export interface ApiPlannedAct {
  readonly source: ApiSource;
  readonly target?: string;
  readonly action: string;
  readonly reason: string;
}

export interface ApiCleanup {
  readonly id: string;
  readonly source: ApiSource;
  readonly target: string;
  readonly status: string;
  readonly fate: string;
  readonly since: string;
  readonly at: string;
  readonly removedAt?: string;
  readonly undoneAt?: string;
  readonly recoverableUntil?: string;
}

export interface ApiCleanupPage {
  readonly cleanups: readonly ApiCleanup[];
  /** Address of the next page. */
  readonly next?: string;
}

export interface ApiRepair {
  readonly id: string;
  readonly source: ApiSource;
  readonly target: string;
  readonly document: string;
  readonly thumbprint: string;
  readonly status: string;
  readonly at: string;
  readonly repairedAt?: string;
  readonly undoneAt?: string;
}

export interface ApiRepairPage {
  readonly repairs: readonly ApiRepair[];
  readonly next?: string;
}

export interface ApiUndoneRepair extends ApiRepair {
  /** What is to be known of what is there again. */
  readonly note?: string;
}

/** The answer to the undoing of a clean-up. */
export interface ApiCleanupUndone {
  readonly id: string;
  readonly operation: string;
  readonly source: ApiSource;
  readonly target: string;
}

export interface ApiOrphansConfirmed {
  readonly service: string;
  readonly confirmed: readonly { readonly source: ApiSource; readonly target: string }[];
}
