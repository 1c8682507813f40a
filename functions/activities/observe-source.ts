import type { Ledger, Arrivals, Vaults } from '../../shared/domain/ports.ts';
import {
  findStrangeTags,
  readAskedTargets,
  type Asked,
} from '../../shared/domain/asked-targets.ts';
import type { ConsentRule } from '../../shared/domain/consent.ts';
import type { Source } from '../../shared/domain/source.ts';
import type { OnSuspect } from '../../shared/domain/suspect.ts';
import { gatherWork, type SyncView } from '../../shared/domain/work.ts';

export interface ObserveSourcePorts {
  readonly arrivals: Arrivals;
  readonly ledger: Ledger;
  readonly vaults: Pick<Vaults, 'readCurrent'>;
  readonly consent: readonly ConsentRule[];
  readonly services: ReadonlySet<string>;
  readonly vaultSuffix: string;
  readonly onSuspect: OnSuspect;
  readonly grantAccess: 'never' | 'auto';
}

/**
 * Reads what a sync starts from: one call to the vault, two to the ledger. The arrivals are read
 * first, so that whatever comes after them is seen at the close. Changes nothing.
 */
export function makeObserveSource(ports: ObserveSourcePorts) {
  return async (input: { source: Source; answered?: number }): Promise<SyncView> => {
    const arrivals = await ports.arrivals.read(input.source);
    const answered = Math.max(arrivals.closed, input.answered ?? 0);
    const view = await viewSource(ports, input.source, arrivals.freshAt > answered);
    const { asker } = arrivals;
    return {
      ...view,
      arrival: arrivals.number,
      ...(asker !== undefined && asker.number > answered ? { by: asker.by } : {}),
    };
  };
}

/**
 * The view of a source for a sync or for a dry run.
 * @param fresh true = targets are to be read, not taken from the ledger
 */
export async function viewSource(
  ports: Omit<ObserveSourcePorts, 'arrivals'>,
  source: Source,
  fresh: boolean,
): Promise<Omit<SyncView, 'arrival'>> {
  const [observation, { record, bindings, approval }] = await Promise.all([
    ports.vaults.readCurrent(source),
    ports.ledger.ofSource(source),
  ]);
  const asked: Asked =
    observation.kind === 'present'
      ? readAskedTargets(observation.current.tags, source)
      : { kind: 'nothing' };
  const { work, problems } = gatherWork({
    source,
    bindings,
    asked,
    strange: observation.kind === 'present' ? findStrangeTags(observation.current.tags) : [],
    rules: ports.consent,
    services: ports.services,
    fresh,
  });
  const told = [
    ...record.problems,
    ...(record.suspect === undefined ? [] : [record.suspect.problem]),
  ];
  return {
    observation,
    asked: asked.kind,
    work,
    problems,
    told: told.map(({ message }) => message),
    yardstick: {
      onSuspect: ports.onSuspect,
      ...(record.verified === undefined ? {} : { verified: record.verified }),
      ...(record.earlier === undefined ? {} : { earlier: record.earlier }),
      ...(approval === undefined ? {} : { approved: approval.version }),
    },
    ...(ports.grantAccess === 'auto' ? { grantAccess: ports.grantAccess } : {}),
    vaultSuffix: ports.vaultSuffix,
  };
}
