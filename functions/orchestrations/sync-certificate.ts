import {
  closeSync,
  observeSource,
  publishOutcomes,
  recordSync,
  syncInputSchema,
  type SyncInput,
  type SyncResult,
} from '../../shared/contracts/sync.ts';
import { call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { isChange, isGivenUp, judge, type TargetOutcome } from '../../shared/domain/outcome.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import type { SyncView } from '../../shared/domain/work.ts';
import { keepTargets, type Kept, type KeptTarget } from './keep-targets.ts';

/**
 * Brings one source's bindings to its current version: observe → plan → apply → verify. At most
 * one runs for a source; whatever arrives meanwhile makes it look again as its last act.
 */
export function* syncCertificate(context: OrchestrationContext): Durably<SyncResult | undefined> {
  const input = syncInputSchema.parse(context.df.getInput());
  const { source } = input;

  say(context, `Reading ${formatSource(source)}`);
  const view = yield* call(context, observeSource, {
    source,
    ...(input.answered === undefined ? {} : { answered: input.answered }),
  });
  if (view.kind !== 'done') return yield* giveUp(context, input, view.problem);

  const kept = yield* handOff(context, source, view.value);
  const unrecorded = yield* record(context, source, view.value, kept);
  yield* publish(context, source, view.value, kept);

  const problems = [...view.value.problems, ...unrecorded];
  const result = toResult(input, view.value.asked, problems, kept);
  say(context, `${formatSource(source)}: ${ENDING[view.value.asked]}`);
  const closed = yield* call(context, closeSync, { source, arrival: view.value.arrival });
  if (closed.kind === 'done' && closed.value.again) {
    say(context, `${formatSource(source)}: something arrived meanwhile, looking again`);
    context.df.continueAsNew({
      source,
      carried: [...result.targets],
      answered: view.value.arrival,
    } satisfies SyncInput);
    return undefined;
  }
  return result;
}

const ENDING: Readonly<Record<SyncView['asked'], string>> = {
  nothing: 'done',
  targets: 'done',
  ignore: 'left alone, since the tag certkeeper: ignore stands on its current version',
  unbind: 'given up, since the tag certkeeper-targets: none stands on its current version',
};

/** Keeps the targets, unless the tags say to keep hands off or to give the bindings up. */
function* handOff(context: OrchestrationContext, source: Source, view: SyncView): Durably<Kept> {
  if (view.asked === 'ignore' || view.asked === 'unbind') {
    return { observation: view.observation, kept: [] };
  }
  return yield* keepTargets(context, source, view);
}

/** Answers what kept the ledger from being written: a result that nobody will find is no success. */
function* record(
  context: OrchestrationContext,
  source: Source,
  view: SyncView,
  { observation, kept, warning }: Kept,
): Durably<readonly Problem[]> {
  const recorded = yield* call(context, recordSync, {
    source,
    observation,
    problems: [...view.problems],
    targets: kept.map(({ work, outcome }) => ({
      target: work.target,
      origin: work.standing.origin ?? 'tag',
      claimed: work.standing.kind === 'bound',
      outcome,
      versionless: isVersionless(work),
      ...referredBy(work),
      ...(work.leaving === undefined ? {} : { leaving: work.leaving }),
      ...etagIn(work),
    })),
    unbind: view.asked === 'unbind',
    ignored: view.asked === 'ignore',
    ...(warning === undefined ? {} : { warning }),
    ...(view.by === undefined ? {} : { by: view.by }),
    at: context.df.currentUtcDateTime.toISOString(),
  });
  return recorded.kind === 'done' ? [] : [recorded.problem];
}

/** What was looked up about references to it, and by which thumbprints there are some. */
function referredBy({ lookedUp, breaking }: KeptTarget['work']) {
  if (lookedUp === undefined && breaking === undefined) return {};
  return { referred: { lookedUp: lookedUp ?? [], by: breaking?.thumbprints ?? [] } };
}

function etagIn({ state }: KeptTarget['work']): { etag?: string } {
  const etag = state.kind === 'present' ? state.installed.etag : undefined;
  const known = state.kind === 'recorded' ? state.etag : etag;
  return known === undefined ? {} : { etag: known };
}

function isVersionless({ state }: KeptTarget['work']): boolean {
  if (state.kind === 'recorded') return true;
  if (state.kind !== 'present' || state.installed.reference.kind !== 'key-vault') return false;
  const { secret } = state.installed.reference;
  return secret.version === undefined && secret.collection === 'secrets';
}

/** Publishes what changed and what newly stands in the way; what is known already is not news. */
function* publish(
  context: OrchestrationContext,
  source: Source,
  view: SyncView,
  { observation, kept, warning }: Kept,
): Durably<void> {
  const isNew = ({ message }: Problem): boolean => !view.told.includes(message);
  const problems = view.problems.filter(isNew);
  const warnings = warning === undefined ? [] : [warning].filter(isNew);
  const news = kept
    .filter(({ work, outcome }) =>
      outcome.problem === undefined
        ? isChange(outcome) || outcome.repaired !== undefined
        : outcome.problem.code !== work.knownProblem || outcome.repaired !== undefined,
    )
    .map(({ outcome }) => outcome);
  if (news.length === 0 && problems.length === 0 && warnings.length === 0) return;
  yield* call(context, publishOutcomes, {
    instanceId: context.df.instanceId,
    source,
    ...(observation.kind === 'present' ? { version: observation.current.version } : {}),
    at: context.df.currentUtcDateTime.toISOString(),
    targets: news,
    problems,
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

/** The source itself could not be read: nothing was planned, nothing was touched. */
function* giveUp(
  context: OrchestrationContext,
  { source, carried = [] }: SyncInput,
  problem: Problem,
): Durably<SyncResult> {
  // At once: what arrives from now on starts a sync of its own, and is not answered by this failure.
  yield* call(context, closeSync, { source, arrival: 'last' });
  const at = context.df.currentUtcDateTime.toISOString();
  yield* call(context, recordSync, {
    source,
    problems: [problem],
    targets: [],
    unbind: false,
    ignored: false,
    at,
  });
  yield* call(context, publishOutcomes, {
    instanceId: context.df.instanceId,
    source,
    at,
    targets: [],
    problems: [problem],
  });
  return { verdict: judge(carried, [problem]), source, targets: carried, problems: [problem] };
}

function toResult(
  input: SyncInput,
  asked: SyncView['asked'],
  problems: readonly Problem[],
  { observation, kept, warning }: Kept,
): SyncResult {
  const targets = mergeCarried(
    (input.carried ?? []).filter((before) => asked !== 'unbind' || isGivenUp(before)),
    kept.map(({ outcome }) => outcome),
  );
  return {
    verdict: judge(targets, problems),
    source: input.source,
    ...(observation.kind === 'present'
      ? { version: observation.current.version, thumbprint: observation.current.thumbprint }
      : {}),
    targets,
    problems,
    ...(warning === undefined ? {} : { warnings: [warning] }),
  };
}

/**
 * A later look that found everything in place does not hide what an earlier one changed; nor does one
 * that has no word of a target hide why that was refused: a binding that came to nothing leaves no trace.
 */
function mergeCarried(
  carried: readonly TargetOutcome[],
  latest: readonly TargetOutcome[],
): TargetOutcome[] {
  const gone = carried.filter(
    (before) =>
      (isGivenUp(before) || before.problem !== undefined) &&
      !latest.some(({ target }) => target === before.target),
  );
  const present = latest.map((outcome) => {
    const before = carried.find((one) => one.target === outcome.target);
    if (before === undefined || !isChange(before)) return outcome;
    if (outcome.outcome === 'current') return before;
    if (!isChange(outcome)) return outcome;
    const { previousThumbprint, repaired } = before;
    return {
      ...outcome,
      ...(previousThumbprint === undefined ? {} : { previousThumbprint }),
      ...(repaired === undefined || outcome.repaired !== undefined ? {} : { repaired }),
    };
  });
  return [...present, ...gone];
}
