import { MOST_PLANNED, type PlannedAct } from '../../../shared/contracts/sweep.ts';
import type { OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/** What a dry run would do, as far as an answer names it. */
export interface Plans {
  note(act: PlannedAct): void;
  /** For the activity's answer. */
  told(): { readonly planned: readonly PlannedAct[]; readonly plannedLeftOut: number };
}

export function makePlans(): Plans {
  const planned: PlannedAct[] = [];
  let leftOut = 0;
  return {
    note(act) {
      if (planned.length < MOST_PLANNED) planned.push(act);
      else leftOut += 1;
    },
    told: () => ({ planned, plannedLeftOut: leftOut }),
  };
}

/**
 * A ledger that is only read: what would be written is passed over, and what a survey of a service
 * would write is noted as what it would lead to.
 */
export function readOnly(ledger: Ledger, plans?: Plans): Ledger {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    ofSource: (source) => ledger.ofSource(source),
    record: (source) => ledger.record(source),
    binding: (source, target) => ledger.binding(source, target),
    all: (vault, after) => ledger.all(vault, after),
    claimsOf: (service) => ledger.claimsOf(service),
    // A survey asks for what nobody has claimed.
    claim: () => Promise.resolve('new'),
    save: nothing,
    async saveBinding({ source, target }) {
      const known = await ledger.binding(source, target);
      plans?.note({
        source,
        target: formatTarget(target),
        ...(known?.claimed === true
          ? { action: 'sync', reason: 'TargetDiffers' }
          : { action: 'discover', reason: 'InUseAlready' }),
      });
    },
    approve: nothing,
    goBack: nothing,
    saveAccess: nothing,
    saveOrphans: nothing,
    clearOrphans: nothing,
    release: nothing,
  };
}

/** Tells nobody, and keeps nothing. */
export const SILENT: {
  readonly history: Pick<History, 'add'>;
  readonly publisher: OutcomePublisher;
} = {
  history: { add: () => Promise.resolve() },
  publisher: { publish: () => Promise.resolve() },
};
