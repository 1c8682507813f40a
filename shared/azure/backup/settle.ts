/**
 * What rows of a backup become when they are brought back: the state of things then may be long over,
 * so nothing in them goes on by itself. The next sweep looks at everything anew.
 */
import type * as z from 'zod';
import type { recordSchema as caRecordSchema } from '../ca-ledger.ts';
import type { cleanupSchema } from '../cleanups.ts';
import type { ownInstallationSchema } from '../installations/installation-ledger.ts';
import type { ownSchema } from '../keys/own-keys.ts';
import type { repairSchema } from '../repairs/repairs.ts';

type CaRecord = z.infer<typeof caRecordSchema>;
type Cleanup = z.infer<typeof cleanupSchema>;
type Installation = z.infer<typeof ownInstallationSchema>;
type OwnKey = z.infer<typeof ownSchema>;
type Repair = z.infer<typeof repairSchema>;

/**
 * Changes that waited or were on their way are not made: what a source wants its sync asks for again,
 * and what a person wanted may be another thing by now. What was to leave at the end of an overlap
 * stays, for whoever else needs it.
 */
export function settleCaRecord({ waiting, update, held, done }: CaRecord): {
  readonly value: CaRecord;
  readonly note?: string;
} {
  const changes = waiting.length + (update?.changes.length ?? 0);
  const value: CaRecord = {
    waiting: [],
    held: held.map((one) => ({
      ...one,
      holders: one.holders.map((holder) =>
        holder.kind === 'source' && holder.until !== undefined ? { kind: 'others' } : holder,
      ),
    })),
    done: done.map(({ untold: _, ...rest }) => rest),
  };
  if (changes === 0) return { value };
  const were =
    changes === 1 ? 'change of its CA certificates was' : 'changes of its CA certificates were';
  return { value, note: `${String(changes)} ${were} under way and not taken up again` };
}

/** What was only intended is not done: a sweep finds the orphan anew, and its grace begins then. */
export function settleCleanup(cleanup: Cleanup): {
  readonly value: Cleanup;
  readonly note?: string;
} {
  if (cleanup.status !== 'intended') return { value: cleanup };
  return {
    value: { ...cleanup, status: 'given-up' },
    note: `the removal of ${cleanup.target} was about to be made, and is not`,
  };
}

/** The same of a repair: the next sync finds what refers to an old thumbprint. */
export function settleRepair(repair: Repair): { readonly value: Repair; readonly note?: string } {
  if (repair.status !== 'intended') return { value: repair };
  return {
    value: { ...repair, status: 'given-up' },
    note: `the repair of ${repair.document} was about to be made, and is not`,
  };
}

/** The time until an old key is taken away begins anew, when the new one is seen in its place. */
export function settleOwnKey({ removeAfter: _, ahead: _ahead, ...key }: OwnKey): {
  readonly value: OwnKey;
} {
  return { value: key };
}

/** Two that go by one id would not notice each other. */
export function settleInstallation(value: Installation): {
  readonly value: Installation;
  readonly note: string;
} {
  return {
    value,
    note: 'Certkeeper goes by the id of the installation that wrote the backup: that one must run no more',
  };
}
