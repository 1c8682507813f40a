import { randomUUID } from 'node:crypto';
import { beginCaUpdate } from './begin-ca-update.ts';
import { more, waiting, type CaUpdatePorts } from './ca-progress.ts';
import type { CaProgress } from '../../../shared/contracts/ca.ts';
import type { StoredCaRecord } from '../../../shared/domain/ca-ports.ts';
import type { CaUpdate } from '../../../shared/domain/ca-record.ts';
import {
  giveBackTraceless,
  hasTrace,
  isAsWanted,
  settleUpdate,
} from '../../../shared/domain/ca-settle.ts';
import { CA_UPDATE_ESTIMATE, isBusy } from '../../../shared/domain/ca-tier.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';

/**
 * Longer than any request may be on its way, and until the service shows that it is being changed:
 * what was written down before it was sent, and shows no trace by then, was never sent.
 */
const SENT_WITHIN_MS = 150_000;
/** How long the service may show its old state after an update was over. */
const SHOWS_WITHIN_MS = 60_000;

/**
 * Takes one step of a service's update. An update is written down before it is sent, and the address
 * at which Azure is asked about it right after; so whoever comes after a crash knows that something
 * may be under way, looks at the service first, and sends nothing before it is sure.
 */
export function makeAdvanceCaUpdate(ports: CaUpdatePorts, newId: () => string = randomUUID) {
  return async ({ service }: { service: string }): Promise<CaProgress> => {
    const stored = await ports.ledger.read(service);
    const { update } = stored.record;
    if (update === undefined) return await beginCaUpdate(ports, service, stored, newId);
    if (update.overAt !== undefined) return await verify(ports, service, stored, update);
    return update.operation === undefined
      ? await lookAfter(ports, service, stored, update)
      : await follow(ports, service, stored, update, update.operation);
  };
}

/** Asks how an update goes on. */
async function follow(
  ports: CaUpdatePorts,
  service: string,
  stored: StoredCaRecord,
  update: CaUpdate,
  operation: string,
): Promise<CaProgress> {
  const now = ports.now();
  let state: 'running' | 'done' | 'lost';
  try {
    state = await ports.stores.pollUpdate(service, operation);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return await settle(ports, service, stored, error.problem);
  }
  const { operation: _, ...unknown } = update;
  switch (state) {
    case 'running':
      return waiting(
        saysProgress(service, update, now),
        now.getTime() - Date.parse(update.intendedAt),
      );
    case 'lost':
      // From here on only the service shows what becomes of it.
      await ports.ledger.replace(service, stored, {
        ...stored.record,
        update: { ...unknown, sent: true },
      });
      return more('Looking at the service for an update that Azure says nothing of any more');
    case 'done':
      await ports.ledger.replace(service, stored, {
        ...stored.record,
        update: { ...update, overAt: now.toISOString() },
      });
      return more(`Reading the CA certificates of ${service} back`);
  }
}

/** Compares what is there with what was wanted, entry by entry. */
async function verify(
  ports: CaUpdatePorts,
  service: string,
  stored: StoredCaRecord,
  update: CaUpdate,
): Promise<CaProgress> {
  const store = await ports.stores.observe(service);
  const age = ports.now().getTime() - Date.parse(update.overAt ?? update.intendedAt);
  // An update more costs a quarter of an hour: some more looks are cheap. None is taken meanwhile.
  if (!isAsWanted(store.entries, update) && (isBusy(store) || age < SHOWS_WITHIN_MS)) {
    return waiting(`${service} does not show its new CA certificates yet`, age);
  }
  return await settle(ports, service, stored);
}

/** Finds out by the service what became of an update, or whether it was ever sent. */
async function lookAfter(
  ports: CaUpdatePorts,
  service: string,
  stored: StoredCaRecord,
  update: CaUpdate,
): Promise<CaProgress> {
  const store = await ports.stores.observe(service);
  const now = ports.now();
  const age = now.getTime() - Date.parse(update.intendedAt);
  if (isBusy(store)) return waiting(saysProgress(service, update, now), age);
  if (isAsWanted(store.entries, update)) return await settle(ports, service, stored);
  // Azure took it, so it is over; what it did not bring about is tried once more, as ever.
  if (update.sent === true || hasTrace(store.entries, update)) {
    const overAt = now.toISOString();
    await ports.ledger.replace(service, stored, {
      ...stored.record,
      update: { ...update, overAt },
    });
    return more(`Reading the CA certificates of ${service} back`);
  }
  if (age < SENT_WITHIN_MS) {
    return waiting(`Looking whether ${service} was asked for the update before the break`, age);
  }
  await ports.ledger.replace(
    service,
    stored,
    giveBackTraceless(service, stored.record, now.toISOString()),
  );
  return more(`The update of ${service} was never begun; planning it anew`);
}

/** Ends an update by what is in the store now. A record that has changed since is looked at anew. */
async function settle(
  ports: CaUpdatePorts,
  service: string,
  stored: StoredCaRecord,
  failure?: Problem,
): Promise<CaProgress> {
  const { entries } = await ports.stores.observe(service);
  const at = ports.now().toISOString();
  const next = settleUpdate(service, stored.record, entries, at, failure);
  await ports.ledger.replace(service, stored, next);
  return more('Looking at what came of it');
}

/** The words of an update that is under way, with an estimate that is honest. */
function saysProgress(service: string, { intendedAt, changes }: CaUpdate, now: Date): string {
  const minutes = Math.floor((now.getTime() - Date.parse(intendedAt)) / 60_000);
  const count = changes.length === 1 ? '1 change' : `${String(changes.length)} changes`;
  return `Updating the CA certificates of ${service} (${count}): ${CA_UPDATE_ESTIMATE}; ${String(minutes)} min so far`;
}
