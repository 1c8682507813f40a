import { surveyCaStore } from '../../shared/contracts/ca.ts';
import { cleanUpService, refreshUsage } from '../../shared/contracts/cleanup.ts';
import { tendKeys } from '../../shared/contracts/keys.ts';
import {
  listCare,
  surveyService,
  surveyVault,
  sweepInputSchema,
  type SweepResult,
} from '../../shared/contracts/sweep.ts';
import { call, callAll, toCall } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { formatTarget, type KeyTarget } from '../../shared/domain/target.ts';
import { checkServices } from './check-services.ts';
import { pageByPage, type Page } from './page-by-page.ts';
import { chunk } from './side-by-side.ts';
import { makeTally, NOTHING, type Tally } from './sweep-tally.ts';

/** One sweep under way. */
interface Sweeping {
  readonly context: OrchestrationContext;
  readonly dryRun: boolean;
  /** When this step began, by the orchestration's clock: ISO 8601. */
  readonly at: () => string;
  readonly tally: Tally;
}

/**
 * Looks at everything under care: first at the services, which tells who uses what, and at what uses
 * it there; then at the vaults, which tells what is behind, what is gone and what is back; then it
 * cleans up, and looks last at what stands between services and vaults. A service or vault that
 * cannot be read is reported and holds up nothing else. A dry run reads the same but for the index of
 * uses, changes nothing, and answers what a sweep would do.
 */
export function* sweep(context: OrchestrationContext): Durably<SweepResult> {
  const { dryRun = false } = sweepInputSchema.parse(context.df.getInput());
  say(context, 'Reading what is under care');
  const care = yield* call(context, listCare, null);
  if (care.kind !== 'done') return { ...NOTHING, problems: [care.problem] };
  const { services, vaults, keyPlaces = [] } = care.value;
  const sweeping: Sweeping = {
    ...{ context, dryRun },
    at: () => context.df.currentUtcDateTime.toISOString(),
    tally: makeTally({ services: services.length, vaults: vaults.length }),
  };
  yield* surveyServices(sweeping, services);
  const usages = refreshUsages(sweeping, dryRun ? [] : services);
  yield* usages.begin();
  if (!dryRun) yield* tendPlaces(sweeping, keyPlaces);
  const seen = yield* surveyVaults(sweeping, vaults);
  const under = new Set(services);
  yield* cleanUp(
    sweeping,
    [...seen.orphanedAt].filter((name) => under.has(name)).sort(),
    seen.vaults,
  );
  yield* usages.end();
  yield* checkAccess(sweeping, services);
  say(context, 'Done');
  return sweeping.tally.result(dryRun);
}

function* surveyServices(
  { context, dryRun, tally }: Sweeping,
  services: readonly string[],
): Durably<void> {
  for (const some of chunk(services)) {
    say(context, `Looking at the services ${some.join(', ')}`);
    const answers = yield* callAll(
      context,
      some.map((service) => toCall(surveyService, { service, ...dry(dryRun) })),
    );
    for (const { discovered, unmanaged, ...more } of tally.done(answers)) {
      tally.count({ discovered, unmanaged });
      tally.add(more);
    }
    if (dryRun) continue;
    const stores = yield* callAll(
      context,
      some.map((service) => toCall(surveyCaStore, { service })),
    );
    // What is doubted is synced when the vaults are looked at, and counted there.
    tally.done(stores);
  }
}

/** What is doubted is synced when the vaults are looked at, and counted there. */
function* tendPlaces({ context, tally }: Sweeping, places: readonly KeyTarget[]): Durably<void> {
  for (const some of chunk(places)) {
    say(context, `Looking at the keys of ${some.map(formatTarget).join(', ')}`);
    const answers = yield* callAll(
      context,
      some.map((target) => toCall(tendKeys, { target })),
    );
    for (const { removed } of tally.done(answers)) tally.count({ keysRemoved: removed });
  }
}

/**
 * Brings the index of uses up to date, so that the syncs of this sweep know what they break. What is
 * behind is not to wait for it for long: what takes longer is gone on with when the vaults are seen.
 */
function refreshUsages(
  { context, at, tally }: Sweeping,
  services: readonly string[],
): { begin(): Durably<void>; end(): Durably<void> } {
  let left: readonly Page[] = services.map((service) => ({ service }));
  const begun = at();
  function* go(until?: number): Durably<void> {
    const { values, open } = yield* pageByPage(
      context,
      left,
      {
        contract: refreshUsage,
        toInput: (service, after) => ({
          ...{ service, at: begun },
          ...(after === undefined ? {} : { after }),
        }),
        says: (some) => say(context, `Looking at what uses certificates at ${some.join(', ')}`),
      },
      tally.problems,
      until,
    );
    left = open;
    for (const { problems } of values) tally.add({ problems });
  }
  return {
    begin: () => go(Date.parse(begun) + VAULTS_WAIT_MS),
    end: () => go(),
  };
}

/** For so long the vaults wait for the index. */
const VAULTS_WAIT_MS = 300_000;

/** @returns where there are orphans, and the vaults that were looked through and are believed */
function* surveyVaults(
  { context, dryRun, at, tally }: Sweeping,
  vaults: readonly string[],
): Durably<{ readonly orphanedAt: ReadonlySet<string>; readonly vaults: readonly string[] }> {
  const orphanedAt = new Set<string>();
  const seen: string[] = [];
  for (const some of chunk(vaults)) {
    say(context, `Looking at the vaults ${some.join(', ')}`);
    const operation = context.df.instanceId;
    const begun = at();
    const answers = yield* callAll(
      context,
      some.map((vault) => toCall(surveyVault, { vault, operation, at: begun, ...dry(dryRun) })),
    );
    for (const [index, answer] of answers.entries()) {
      const vault = some[index];
      if (answer.kind === 'done' && answer.value.believed && vault !== undefined) seen.push(vault);
    }
    for (const { orphanedAt: where, believed: _, ...more } of tally.done(answers)) {
      const { planned, plannedLeftOut, ...told } = more;
      const { problems, problemsLeftOut, findings, findingsLeftOut, ...counts } = told;
      tally.count(counts);
      tally.add({
        ...{ problems, problemsLeftOut, findings, findingsLeftOut },
        ...(planned === undefined ? {} : { planned }),
        ...(plannedLeftOut === undefined ? {} : { plannedLeftOut }),
      });
      for (const service of where) orphanedAt.add(service);
    }
  }
  return { orphanedAt, vaults: seen };
}

function* cleanUp(
  { context, dryRun, at, tally }: Sweeping,
  services: readonly string[],
  vaults: readonly string[],
): Durably<void> {
  const operation = context.df.instanceId;
  const { values } = yield* pageByPage(
    context,
    services.map((service) => ({ service })),
    {
      contract: cleanUpService,
      toInput: (service, after) => ({
        ...{ service, vaults, operation, at: at() },
        ...dry(dryRun),
        ...(service === services[0] && after === undefined ? { forget: true as const } : {}),
        ...(after === undefined ? {} : { after }),
      }),
      says: (some) => say(context, `Looking at orphans of ${some.join(', ')}`),
    },
    tally.problems,
  );
  for (const { removed, released, kept, ...more } of values) {
    tally.count({ removed, released, kept });
    tally.add(more);
  }
}

function* checkAccess(
  { context, dryRun, tally }: Sweeping,
  services: readonly string[],
): Durably<void> {
  const { checked, broken, problems, causes } = yield* checkServices(
    context,
    services,
    dry(dryRun),
  );
  tally.count({ accessChecked: checked, accessBroken: broken });
  // Whether somebody has to do something at once is for the checks to tell, where it is news.
  tally.add({ problems, findings: causes });
}

function dry(dryRun: boolean): { readonly dryRun?: true } {
  return dryRun ? { dryRun } : {};
}
