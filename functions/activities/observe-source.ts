import { noteBreaking, type ReferenceIndex } from './repairs/note-breaking.ts';
import type { Arrivals } from '../../shared/domain/arrival-ports.ts';
import type { Approval, Ledger } from '../../shared/domain/ledger-ports.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import {
  findStrangeTags,
  readAskedTargets,
  type Asked,
} from '../../shared/domain/asked-targets.ts';
import type { ReferencePolicy } from '../../shared/domain/breaking-plan.ts';
import type { ConsentRule } from '../../shared/domain/consent.ts';
import type { KeyCare } from '../../shared/domain/key-care.ts';
import type { Source } from '../../shared/domain/source.ts';
import { onSuspectOf, type SuspectPolicy } from '../../shared/domain/suspect-policy.ts';
import { gatherWork, type SyncView } from '../../shared/domain/work.ts';

export interface ObserveSourcePorts {
  readonly arrivals: Arrivals;
  readonly ledger: Ledger;
  readonly vaults: Pick<Vaults, 'readCurrent'>;
  readonly consent: readonly ConsentRule[];
  readonly services: ReadonlySet<string>;
  readonly keyCare?: KeyCare;
  readonly vaultSuffix: string;
  readonly onSuspect: SuspectPolicy;
  readonly grantAccess: 'never' | 'auto';
  readonly index: ReferenceIndex;
  readonly repairReferences: 'report' | 'repair';
  readonly holdIfBreaking: boolean;
}

/**
 * Reads what a sync starts from: one call to the vault, two to the ledger, and for each target that
 * gets a new thumbprint some to the index of what uses it. The arrivals are read first, so that
 * whatever comes after them is seen at the close. Changes nothing.
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
  const [observation, { record, bindings, approval, breakingApproval, rollback }] =
    await Promise.all([ports.vaults.readCurrent(source), ports.ledger.ofSource(source)]);
  const asked: Asked =
    observation.kind === 'present'
      ? readAskedTargets(observation.current.tags, source)
      : { kind: 'nothing' };
  const { work: gathered, problems } = gatherWork({
    source,
    bindings,
    asked,
    strange: observation.kind === 'present' ? findStrangeTags(observation.current.tags) : [],
    rules: ports.consent,
    services: ports.services,
    ...(ports.keyCare === undefined ? {} : { keyCare: ports.keyCare }),
    fresh,
  });
  const work = await noteBreaking(ports.index, gathered, { observation, record, bindings });
  const references = toPolicy(ports, breakingApproval);
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
      onSuspect: onSuspectOf(ports.onSuspect, source),
      ...(record.verified === undefined ? {} : { verified: record.verified }),
      ...(record.earlier === undefined ? {} : { earlier: record.earlier }),
      ...(approval === undefined ? {} : { approved: approval.version }),
      ...(rollback === undefined ? {} : { wentBackTo: rollback.thumbprint }),
    },
    ...(ports.grantAccess === 'auto' ? { grantAccess: ports.grantAccess } : {}),
    ...(references === undefined ? {} : { references }),
    vaultSuffix: ports.vaultSuffix,
  };
}

/** Undefined where references are reported and no more. */
function toPolicy(
  {
    repairReferences,
    holdIfBreaking,
  }: Pick<ObserveSourcePorts, 'repairReferences' | 'holdIfBreaking'>,
  approval: Approval | undefined,
): ReferencePolicy | undefined {
  const repair = repairReferences === 'repair';
  if (!repair && !holdIfBreaking) return undefined;
  return {
    ...(repair ? { repair } : {}),
    ...(holdIfBreaking ? { hold: holdIfBreaking } : {}),
    ...(approval === undefined ? {} : { approval: { version: approval.version, at: approval.at } }),
  };
}
