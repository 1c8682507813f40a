import { doubtOrphans } from './doubt-orphans.ts';
import { makePlans, type Plans } from './dry-run.ts';
import { gatherOrphans, type OrphanAt } from './gather-orphans.ts';
import { endRemoval, releaseOrphan, type GivingUp } from './give-up-orphan.ts';
import { lookAtOrphan, makeUsageLook, type UsageLooks } from './look-at-orphan.ts';
import type { CleanUpPorts } from './ports.ts';
import { collectProblems } from './problems.ts';
import { removeOrphan } from './remove-orphan.ts';
import type { CleanedService, CleanUpInput } from '../../../shared/contracts/cleanup.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/** Orphans that one call looks at in Azure: then it hands over to the next. */
const MOST_LOOKED_AT = 40;
/** A change since the last look is looked at anew. */
const MOST_TRIES = 3;

interface Cleaning extends GivingUp {
  readonly ports: CleanUpPorts;
  readonly vaults: ReadonlySet<string>;
  readonly usage: UsageLooks;
  readonly plans: Plans;
  readonly dryRun: boolean;
}

/**
 * Deals with the orphans of a service, by the policy. What uses certificates there is read once, which
 * may take long, and only when one of them is due; when that has grown old, the call hands over to the
 * next. Each one's source and target are read right before it is removed.
 * One that cannot be dealt with holds up no other, and says why in its row. Idempotent: what a run
 * that was cut off had begun is found and ended.
 */
export function makeCleanUpService(ports: CleanUpPorts) {
  return async (input: CleanUpInput): Promise<CleanedService> => {
    const { service, operation, at, after = '', dryRun = false } = input;
    const problems = collectProblems();
    const cleaning: Cleaning = {
      ...{ ports, operation, at, dryRun, problems },
      vaults: new Set(input.vaults),
      usage: makeUsageLook(ports, service),
      plans: makePlans(),
    };
    if (input.forget === true && !dryRun) await ports.cleanups.forget(longBefore(at));
    const orphans = await orphansAfter(cleaning, service, after);
    const counts = { removed: 0, released: 0, kept: 0 };
    let looked = 0;
    let last = after;
    for (const one of orphans) {
      if (looked >= MOST_LOOKED_AT || cleaning.usage.isOver()) break;
      const outcome = await deal(cleaning, one);
      counts[outcome.became] += 1;
      if (outcome.looked) looked += 1;
      last = one.key;
    }
    const goesOn = orphans.some(({ key }) => key > last);
    return {
      ...counts,
      ...problems.told(),
      ...(goesOn ? { after: last } : {}),
      ...(dryRun ? cleaning.plans.told() : {}),
    };
  };
}

/**
 * The orphans to deal with. All of a service are judged together by its first call; the ones after it
 * read no more than is left. What they find unjudged is left to the next sweep.
 */
async function orphansAfter(
  cleaning: Cleaning,
  service: string,
  after: string,
): Promise<readonly OrphanAt[]> {
  const { ports, problems, dryRun } = cleaning;
  if (after !== '' && !dryRun) {
    const { orphans } = await gatherOrphans(ports.ledger, service, after);
    return orphans.filter(({ orphan }) => orphan.judged === true);
  }
  // A dry run writes no judgement that a later call could read.
  const gathered = await gatherOrphans(ports.ledger, service);
  const { orphans, finding } = await doubtOrphans(ports, service, gathered, cleaning);
  if (finding !== undefined && after === '') problems.add(finding);
  return orphans.filter(({ key }) => key > after);
}

const KEPT_MS = 400 * 86_400_000;

/** Removals are known for as long as that. */
function longBefore(at: string): string {
  return new Date(Date.parse(at) - KEPT_MS).toISOString();
}

interface Dealt {
  readonly became: 'removed' | 'released' | 'kept';
  readonly looked: boolean;
}

async function deal(cleaning: Cleaning, one: OrphanAt): Promise<Dealt> {
  try {
    return await dealWith(cleaning, one);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    // Its own row cannot be read, say: that is for people, and holds up no other.
    await keep(cleaning.ports, one, { problem: error.problem });
    return { became: 'kept', looked: true };
  }
}

async function dealWith(cleaning: Cleaning, one: OrphanAt): Promise<Dealt> {
  const { ports, plans, operation, dryRun } = cleaning;
  let problem: Problem | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { step, facts } = await lookAtOrphan(cleaning, one);
    const looked = facts.usage.kind !== 'unread';
    if (dryRun) {
      const { source, binding } = one;
      const { kind: action, reason } = step;
      plans.note({ source, target: formatTarget(binding.target), action, reason });
      return { became: BECOMES[action], looked };
    }
    if (step.kind === 'release') {
      return { became: await releaseOrphan(ports, one, step.reason, cleaning), looked };
    }
    if (step.kind === 'keep') {
      await keep(ports, one, step);
      return { became: 'kept', looked };
    }
    const removal = await removeOrphan(ports, one, step, { ...facts, operation });
    if (removal.kind === 'removed') {
      const ended = await endRemoval(ports, removal.cleanup, cleaning);
      return { became: ended ? 'removed' : 'kept', looked: true };
    }
    if (removal.kind === 'kept') {
      ({ problem } = removal);
      break;
    }
    problem = changing(one);
  }
  await keep(ports, one, problem === undefined ? {} : { problem });
  return { became: 'kept', looked: true };
}

const BECOMES = { remove: 'removed', release: 'released', keep: 'kept' } as const;

/** Says in the orphan's row why it is kept, or until when; written only where that is news. */
async function keep(
  { ledger }: Pick<CleanUpPorts, 'ledger'>,
  { source, orphan }: OrphanAt,
  { problem, removeAfter }: { readonly problem?: Problem; readonly removeAfter?: string },
): Promise<void> {
  const { kept: _kept, removeAfter: _after, ...rest } = orphan;
  const next: Orphan = {
    ...rest,
    ...(problem === undefined ? {} : { kept: problem }),
    ...(removeAfter === undefined ? {} : { removeAfter }),
  };
  const same =
    JSON.stringify(orphan.kept) === JSON.stringify(problem) && orphan.removeAfter === removeAfter;
  if (!same) await ledger.saveOrphans(source, [next]);
}

function changing({ binding }: OrphanAt): Problem {
  const path = formatTarget(binding.target);
  return {
    code: 'TARGET_CHANGED',
    message: `${path} was changed whenever Certkeeper was about to remove it; it was left as it is.`,
    resource: path,
    cure: 'Look at who else writes this certificate (Terraform, APIOps, a pipeline). The next sweep tries again.',
  };
}
