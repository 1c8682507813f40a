import { lookOnce, type LookOncePorts } from './look-once.ts';
import { tell, toTargetEvent } from './tell.ts';
import { observeAccess, type ObserveAccessPorts } from './observe-access.ts';
import {
  MOST_BROKEN,
  type BrokenAccess,
  type CheckedService,
} from '../../shared/contracts/access.ts';
import { checkAccess } from '../../shared/domain/access-checks.ts';
import {
  nextAccess,
  type AccessChange,
  type AccessRecord,
} from '../../shared/domain/access-record.ts';
import type { Orphan } from '../../shared/domain/cleanup.ts';
import { TransientError } from '../../shared/domain/errors.ts';
import type { OutcomeEvent, OutcomePublisher } from '../../shared/domain/event-ports.ts';
import type { History, Ledger } from '../../shared/domain/ledger-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  targetKey,
  type ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import { wantedState } from '../../shared/domain/work.ts';

export interface CheckServicePorts extends LookOncePorts {
  readonly ledger: Pick<Ledger, 'claimsOf' | 'ofSource' | 'saveAccess'>;
  readonly history: Pick<History, 'add'>;
  readonly publisher: OutcomePublisher;
}

export interface CheckServiceInput {
  readonly service: string;
  readonly vault?: string;
  readonly operation: string;
  /** ISO 8601. */
  readonly at: string;
  readonly dryRun?: boolean;
}

/** Sources that are looked at side by side. */
const SIDE_BY_SIDE = 6;

/** A binding's access as it was and as it is. */
interface Checked {
  readonly known: AccessRecord | undefined;
  readonly record: AccessRecord;
  readonly change: AccessChange | undefined;
}

/**
 * Checks the access of everything that is bound at one service. Whether a reference is right is left
 * to the syncs, which mend it or say why not: what is asked here is whether it could be followed.
 *
 * What is news is told before it is written, so that a run that was cut off tells it again, under
 * the same id; what could not be told is news to the next look. A binding whose facts cannot be read
 * now holds up no other: the rest is written before the failure is thrown. A dry run writes and tells
 * nothing.
 */
export function makeCheckServiceAccess(ports: CheckServicePorts) {
  return async (input: CheckServiceInput): Promise<CheckedService> => {
    const sources = sourcesOf(await ports.ledger.claimsOf(input.service), input.vault);
    const looks = lookOnce(ports);
    const total: { checked: number; broken: number; restored: number; examples: BrokenAccess[] } = {
      checked: 0,
      broken: 0,
      restored: 0,
      examples: [],
    };
    let put: TransientError | undefined;
    for (let at = 0; at < sources.length; at += SIDE_BY_SIDE) {
      await Promise.all(
        sources.slice(at, at + SIDE_BY_SIDE).map(async (source) => {
          try {
            for (const one of await checkSource(ports, looks, source, input)) {
              count(total, source, one);
            }
          } catch (error) {
            if (!(error instanceof TransientError)) throw error;
            put ??= error;
          }
        }),
      );
    }
    if (put !== undefined) throw put;
    return total;
  };
}

function sourcesOf(claims: ReadonlyMap<string, Source>, vault: string | undefined): Source[] {
  const sources = new Map<string, Source>();
  for (const source of claims.values()) {
    if (vault === undefined || source.vault === vault) sources.set(formatSource(source), source);
  }
  return [...sources.values()];
}

async function checkSource(
  { ledger, history, publisher }: CheckServicePorts,
  looks: ObserveAccessPorts,
  source: Source,
  input: CheckServiceInput,
): Promise<readonly Checked[]> {
  const { bindings, access = [], orphans = [] } = await ledger.ofSource(source);
  const checked: Checked[] = [];
  for (const { target, claimed } of bindings) {
    if (!claimed || target.kind !== 'client-certificate') continue;
    if (target.service !== input.service) continue;
    // Its source is gone: there is nothing to reach, and the clean-up has told so.
    if (orphans.some((one) => isOrphan(one) && targetKey(one.target) === targetKey(target)))
      continue;
    const known = access.find((one) => targetKey(one.target) === targetKey(target));
    // A check that began later has written already: what was seen before it is of no use.
    if (known !== undefined && known.checkedAt > input.at) continue;
    const checks = checkAccess(await observeAccess(forReading(looks, source), { source, target }));
    const { record, change } = nextAccess(known, target, checks, input.at);
    checked.push({ known, record, change });
  }
  if (checked.length === 0 || input.dryRun === true) return checked;
  const told = await tellNews({ history, publisher }, source, checked, input);
  await ledger.saveAccess(
    source,
    checked.map(({ known, record, change }) =>
      told || change === undefined ? record : { ...record, told: known?.told ?? [] },
    ),
  );
  return checked;
}

function isOrphan({ backAt }: Orphan): boolean {
  return backAt === undefined;
}

/** Whatever refers elsewhere, or to one version, is taken for what a sync would make of it. */
function forReading(looks: ObserveAccessPorts, source: Source): ObserveAccessPorts {
  const observe = async (target: ClientCertificateTarget) => {
    const state = await looks.certificates.observe(target);
    return wantedState({ state, takeOver: true }, source) ?? state;
  };
  return { ...looks, certificates: { observe } };
}

/** Publishes what is news and adds it to the source's history; false when it could not be told. */
async function tellNews(
  { history, publisher }: Pick<CheckServicePorts, 'history' | 'publisher'>,
  source: Source,
  checked: readonly Checked[],
  input: CheckServiceInput,
): Promise<boolean> {
  const news = checked.filter(({ change }) => change !== undefined);
  if (news.length === 0) return true;
  const events = news.map((one) => toEvent(source, one, input));
  if ((await tell(publisher, events)) !== 'told') return false;
  await history.add({
    source,
    at: input.at,
    what: 'access',
    by: { kind: 'platform' },
    targets: news.map(({ record: { target, problems }, change }) => ({
      target: formatTarget(target),
      outcome: change === 'broken' ? 'access-broken' : 'access-restored',
      reason: change === 'broken' ? 'AccessBlocked' : 'AccessClear',
      ...(change === 'broken' && problems[0] !== undefined ? { problem: problems[0].code } : {}),
    })),
  });
  return true;
}

function toEvent(
  source: Source,
  { known, record, change }: Checked,
  { operation, at }: CheckServiceInput,
): OutcomeEvent {
  const { target, verdict, problems, told } = record;
  return toTargetEvent(source, target, {
    type: change === 'broken' ? 'Certkeeper.AccessBroken' : 'Certkeeper.AccessRestored',
    at,
    operation,
    // Of what was and what is, not of when it was seen: two looks at one change tell the same.
    identity: [known?.since, known?.told, told],
    data: {
      verdict,
      ...(change === 'broken' && problems[0] !== undefined ? { problem: problems[0] } : {}),
      ...(problems.length > 0 ? { findings: problems } : {}),
    },
  });
}

function count(
  total: { checked: number; broken: number; restored: number; examples: BrokenAccess[] },
  source: Source,
  { record: { target, verdict, problems }, change }: Checked,
): void {
  total.checked += 1;
  if (change === 'restored') total.restored += 1;
  if (verdict !== 'blocks') return;
  total.broken += 1;
  const [problem] = problems;
  if (problem === undefined || total.examples.length >= MOST_BROKEN) return;
  total.examples.push({ source, target: formatTarget(target), problem });
}
