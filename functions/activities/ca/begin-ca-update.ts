import { ENDED, more, waiting, type CaUpdatePorts } from './ca-progress.ts';
import type { CaProgress } from '../../../shared/contracts/ca.ts';
import { caKey, type CaEntry, type CaStoreObservation } from '../../../shared/domain/ca-entry.ts';
import { planCaUpdate, type CaPlan, type RefusedChange } from '../../../shared/domain/ca-plan.ts';
import type { CaData, CaUpdateStart, StoredCaRecord } from '../../../shared/domain/ca-ports.ts';
import {
  giveBack,
  retire,
  spareHeld,
  type CaChange,
  type CaRecord,
  type CaUpdate,
} from '../../../shared/domain/ca-record.ts';
import { refuseUpdate, roundsOf, settleWithout } from '../../../shared/domain/ca-settle.ts';
import { followStale } from '../../../shared/domain/ca-stale.ts';
import {
  CA_UPDATE_ESTIMATE,
  downtimeOf,
  isBusy,
  storeWithoutEffect,
} from '../../../shared/domain/ca-tier.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';

/**
 * Plans an update of everything that waits, by the store as it is now, and sends it, if it means no
 * downtime that nobody accepted. Ended when all that is left waits for something to be changed.
 */
export async function beginCaUpdate(
  ports: CaUpdatePorts,
  service: string,
  stored: StoredCaRecord,
  newId: () => string,
): Promise<CaProgress> {
  const at = ports.now().toISOString();
  const record = retire(spareHeld(stored.record, at), at);
  const note = async (next: CaRecord, says: string): Promise<CaProgress> => {
    if (next === stored.record) return ENDED;
    await ports.ledger.replace(service, stored, next);
    return more(says);
  };
  if (record.waiting.length === 0) return await note(record, 'Writing down who is left');

  const refuseAll = (problem: Problem, entries?: readonly CaEntry[]): Promise<CaProgress> => {
    const refused = record.waiting.map((change): RefusedChange => ({ change, problem }));
    const next = settleWithout(record, entries, refused, at);
    return note(next, 'Writing down what stands in the way');
  };
  let store: CaStoreObservation;
  try {
    store = await ports.stores.observe(service);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return await refuseAll(error.problem);
  }
  const useless = storeWithoutEffect(service, store.tier);
  if (useless !== undefined) return await refuseAll(useless, store.entries);
  if (isBusy(store)) return locked(service, store.state);

  const copies = await ports.copies.list(service);
  const known = new Set(copies.map(({ thumbprint }) => thumbprint));
  const { plan, round } = planRound(service, store, known, roundsOf(record.waiting, at));
  if (plan.kind === 'blocked') return await refuseAll(plan.problem, store.entries);
  const rest = settleWithout(record, store.entries, plan.refused, at);
  if (plan.kind === 'nothing') return await note(rest, 'Writing down what is so already');
  const refused = new Set(plan.refused.map(({ change }) => change.id));
  const goes = ({ id }: CaChange) => round.has(id) && !refused.has(id);
  const changes = rest.waiting.filter(goes).map(withoutWait);
  const downtime = downtimeOf(service, store.tier);
  const isAccepted =
    ports.downtime === 'accept' || changes.some(({ acceptsDowntime }) => acceptsDowntime === true);
  if (downtime !== undefined && !isAccepted) return await refuseAll(downtime, store.entries);
  let data: readonly CaData[];
  try {
    data = await Promise.all(
      plan.wanted.map(async ({ store: name, thumbprint }) => ({
        ...{ store: name, thumbprint },
        der: await ports.copies.read(service, thumbprint),
      })),
    );
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return await refuseAll(error.problem, store.entries);
  }
  const removed = new Set(changes.filter(({ kind }) => kind === 'remove').map(caKey));
  const leaving = rest.held.filter((one) => removed.has(caKey(one)));
  const update: CaUpdate = {
    id: newId(),
    intendedAt: ports.now().toISOString(),
    changes,
    wanted: plan.wanted,
    ...(leaving.length === 0 ? {} : { leaving }),
  };
  const waits = rest.waiting.filter((one) => !goes(one));
  // From here on whoever comes after a crash knows that something may have been sent.
  if (!(await ports.ledger.replace(service, stored, { ...rest, waiting: waits, update }))) {
    return more('Something came between; planning anew');
  }
  return await send(ports, service, update, data);
}

/** The plan for the first round that has something to do, with what is in it. */
function planRound(
  service: string,
  store: CaStoreObservation,
  known: ReadonlySet<string>,
  rounds: readonly (readonly CaChange[])[],
): { readonly plan: CaPlan; readonly round: ReadonlySet<string> } {
  const refused: RefusedChange[] = [];
  for (const round of rounds) {
    const plan = planCaUpdate(service, store, known, round);
    const ids = new Set(round.map(({ id }) => id));
    if (plan.kind === 'blocked') return { plan, round: ids };
    refused.push(...plan.refused);
    if (plan.kind === 'update') return { plan: { ...plan, refused }, round: ids };
  }
  return { plan: { kind: 'nothing', refused }, round: new Set() };
}

/** What is on its way waits for nothing. */
function withoutWait({ waitsFor: _, ...change }: CaChange): CaChange {
  return change;
}

/**
 * After this an update does not go out any more: whoever looks for a trace of it looks for longer, and
 * what was planned by then may wipe what came since.
 */
const SEND_WITHIN_MS = 120_000;

async function send(
  ports: CaUpdatePorts,
  service: string,
  update: CaUpdate,
  data: readonly CaData[],
): Promise<CaProgress> {
  /** What is written down of this update; of another one nothing is touched. */
  const note = (
    change: (record: CaRecord & { update: CaUpdate }) => CaRecord,
    otherwise: (record: CaRecord) => CaRecord = (record) => record,
  ): Promise<null> =>
    ports.ledger.change(service, (record) => ({
      next:
        record.update?.id === update.id
          ? change({ ...record, update: record.update })
          : otherwise(record),
      result: null,
    }));
  /** Azure took what was given up meanwhile. */
  const follow = (record: CaRecord) => followStale(record, update, ports.now().toISOString());
  const until = new Date(Date.parse(update.intendedAt) + SEND_WITHIN_MS);
  if (ports.now() >= until) {
    await note(giveBack);
    return more('It was held up; planning anew');
  }
  let started: CaUpdateStart;
  try {
    started = await ports.stores.startUpdate(service, data, until);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const { problem } = error;
    await note((record) => refuseUpdate(record, problem, ports.now().toISOString()));
    return more('Writing down what Azure refused');
  }
  switch (started.kind) {
    case 'locked':
      await note(giveBack);
      return locked(service, 'locked', started.afterSeconds);
    case 'done': {
      const overAt = ports.now().toISOString();
      await note((record) => ({ ...record, update: { ...record.update, overAt } }), follow);
      return more(`Reading the CA certificates of ${service} back`);
    }
    case 'started': {
      const { kind: _, ...where } = started;
      await note(
        (record) => ({ ...record, update: { ...record.update, sent: true, ...where } }),
        follow,
      );
      const count =
        update.changes.length === 1 ? '1 change' : `${String(update.changes.length)} changes`;
      return waiting(
        `Updating the CA certificates of ${service} (${count}): ${CA_UPDATE_ESTIMATE}`,
        0,
      );
    }
  }
}

/** The service is its own lock: while it is being changed it takes no other change. */
function locked(service: string, state: string, afterSeconds = 0): CaProgress {
  return waiting(
    `${service} is being changed by somebody else (${state}); the update waits until that is over`,
    60_000,
    afterSeconds,
  );
}
