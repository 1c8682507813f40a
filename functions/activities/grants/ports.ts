import type { ServiceHold } from '../installations/hold-service.ts';
import type { ObserveAccessPorts } from '../observe-access.ts';
import type { ConsentRule } from '../../../shared/domain/consent.ts';
import type { Grant } from '../../../shared/domain/grant.ts';
import type { AccessGiver, Grants } from '../../../shared/domain/access-ports.ts';
import type { History } from '../../../shared/domain/ledger-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../../shared/domain/target.ts';

export interface GivePorts extends ObserveAccessPorts {
  readonly giver: AccessGiver;
  readonly grants: Grants;
  readonly history: Pick<History, 'add'>;
  readonly consent: readonly ConsentRule[];
  /** `CERTKEEPER_GRANT_ACCESS`. */
  readonly grantAccess: 'never' | 'auto';
  readonly hold: Pick<ServiceHold, 'require'>;
}

/** For whom something is given, and who gives it. */
export interface Giver {
  readonly source: Source;
  readonly target: ClientCertificateTarget;
  readonly by: RequestedBy;
  readonly holder: string;
}

/** What became of one step: done, or to be asked about again. */
export type Progress =
  | { readonly kind: 'done' }
  | { readonly kind: 'waiting'; readonly says: string; readonly afterSeconds: number };

export const DONE = { kind: 'done' } as const;

/** Whoever wrote an intention is at it for this long; longer than any single request takes. */
const HELD_MS = 180_000;
/** What is new to the directory and to the vaults is known everywhere within ten minutes. */
export const SETTLES_WITHIN_MS = 600_000;

/** The part of a grant that says who is at it, from now on. */
export function holding(
  { holder }: Pick<Giver, 'holder'>,
  now: Date,
): { readonly holder: string; readonly heldUntil: string } {
  return { holder, heldUntil: new Date(now.getTime() + HELD_MS).toISOString() };
}

/** Whether somebody is at an intention, or may be. */
export function isHeld({ status, heldUntil }: Grant, now: Date): boolean {
  return status === 'intended' && now.toISOString() < heldUntil;
}

/** Asked again soon at first, and more seldom the longer it goes on. */
export function waiting(says: string, since: string, now: Date): Progress {
  const age = now.getTime() - Date.parse(since);
  const afterSeconds = age < 15_000 ? 5 : age < 60_000 ? 10 : age < SETTLES_WITHIN_MS ? 30 : 60;
  return { kind: 'waiting', says, afterSeconds };
}
