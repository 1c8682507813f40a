import { createHash } from 'node:crypto';
import type { CaChangeResult } from '../../../shared/contracts/ca.ts';
import type { CaLedger } from '../../../shared/domain/ca-ports.ts';
import type { CaDone } from '../../../shared/domain/ca-record.ts';
import type { OutcomeEvent, OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import { formatSource } from '../../../shared/domain/source.ts';

/**
 * Publishes an event for each change that came to something and was not told yet, then notes that
 * they were told. Ids are made of the change, so that an event published twice is recognised.
 */
export function makeTellCaChanges(ports: {
  readonly ledger: Pick<CaLedger, 'read' | 'change'>;
  readonly publisher: OutcomePublisher;
}) {
  return async (input: {
    readonly service: string;
    readonly since: string;
    readonly operation: string;
  }): Promise<{ changes: readonly CaChangeResult[] }> => {
    const { service, since, operation } = input;
    const { record } = await ports.ledger.read(service);
    const untold = record.done.filter((one) => one.untold === true);
    const events = untold.map((one) => toEvent(service, operation, one));
    if (events.length > 0) {
      await ports.publisher.publish(events);
      const told = new Set(untold.map(nameOf));
      await ports.ledger.change(service, (current) => ({
        next: { ...current, done: current.done.map((one) => withoutMark(one, told)) },
        result: null,
      }));
    }
    const recent = record.done.filter(({ at }) => at >= since);
    return { changes: recent.map(toResult).reverse() };
  };
}

function withoutMark(done: CaDone, told: ReadonlySet<string>): CaDone {
  if (!told.has(nameOf(done))) return done;
  const { untold: _, ...rest } = done;
  return rest;
}

/** What came of a change once: what is asked for may come to nothing several times. */
function nameOf({ change, outcome, at }: CaDone): string {
  return `${change.id} ${outcome} ${at}`;
}

function toResult({ change, outcome, problem }: CaDone): CaChangeResult {
  const { kind, store, thumbprint, subject, source } = change;
  return {
    ...{ change: kind, store, thumbprint, subject },
    ...(source === undefined ? {} : { source: formatSource(source) }),
    outcome,
    ...(problem === undefined ? {} : { problem }),
  };
}

function toEvent(service: string, operation: string, done: CaDone): OutcomeEvent {
  const { change, outcome, at, problem } = done;
  const { store, thumbprint, subject, expiresAt, source, by } = change;
  return {
    id: createHash('sha256').update(nameOf(done)).digest('hex').slice(0, 32),
    type:
      outcome === 'added'
        ? 'Certkeeper.CaCertificateAdded'
        : outcome === 'removed'
          ? 'Certkeeper.CaCertificateRemoved'
          : 'Certkeeper.CaUpdateFailed',
    subject: `${service}/ca/${store}`,
    time: at,
    data: {
      ...{ service, store, thumbprint, subject, operation, change: change.kind, by },
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(source === undefined ? {} : { vault: source.vault, certificate: source.name }),
      ...(problem === undefined ? {} : { problem }),
    },
  };
}
