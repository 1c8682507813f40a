import {
  advanceCaUpdate,
  caInputSchema,
  closeCaUpdate,
  openCaUpdate,
  tellCaChanges,
  type CaInput,
  type CaResult,
} from '../../shared/contracts/ca.ts';
import { call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { wait } from '../../shared/durable/wait.ts';
import type { Problem } from '../../shared/domain/errors.ts';

/** What is asked for within this time of the first request goes into one update with it. */
const GATHERS_SECONDS = 3;
/** Updates take 15 to 45 minutes, and one of somebody else may have to be waited for first. */
const TAKES_AT_MOST_MS = 21_600_000;
/** Looks in a row without a wait; an update and its repair take no more than a dozen. */
const MOST_LOOKS = 30;

/**
 * Owns the CA certificates of one service: takes everything that waits, brings it about with one
 * update, and looks again for what arrived meanwhile. At most one runs for a service.
 */
export function* updateCaStore(context: OrchestrationContext): Durably<CaResult | undefined> {
  const input = caInputSchema.parse(context.df.getInput());
  const { service } = input;
  const began = context.df.currentUtcDateTime;
  const since = input.since ?? began.toISOString();
  say(context, `Gathering what is to be changed in the CA certificates of ${service}`);
  yield* wait(context, GATHERS_SECONDS);
  const opened = yield* call(context, openCaUpdate, { service });
  if (opened.kind !== 'done') return toResult(service, [], opened.problem);

  const problem = yield* advance(context, service, began.getTime() + TAKES_AT_MOST_MS);
  say(context, 'Telling what came of it');
  const operation = context.df.instanceId;
  const told = yield* call(context, tellCaChanges, { service, since, operation });
  const changes = told.kind === 'done' ? told.value.changes : [];

  const { arrival } = opened.value;
  const closed = yield* call(context, closeCaUpdate, { service, arrival });
  if (closed.kind === 'done' && closed.value.again) {
    say(context, 'Something arrived meanwhile, looking again');
    context.df.continueAsNew({ service, since } satisfies CaInput);
    return undefined;
  }
  say(context, 'Done');
  return toResult(service, changes, problem);
}

/** Steps until nothing is left to do; answers what kept it from that. */
function* advance(
  context: OrchestrationContext,
  service: string,
  until: number,
): Durably<Problem | undefined> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const answer = yield* call(context, advanceCaUpdate, { service });
    if (answer.kind === 'failed') return answer.problem;
    const { state, says, afterSeconds = 0 } = answer.value;
    if (state === 'ended') return undefined;
    if (says !== undefined) say(context, says);
    if (state === 'more') continue;
    if (context.df.currentUtcDateTime.getTime() > until) return unfinished(service);
    looks = 0;
    yield* wait(context, afterSeconds);
  }
  return unfinished(service);
}

function toResult(
  service: string,
  changes: CaResult['changes'],
  problem: Problem | undefined,
): CaResult {
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...changes.flatMap((one) => (one.problem === undefined ? [] : [one.problem])),
  ];
  const distinct = [...new Map(problems.map((one) => [one.message, one])).values()];
  const blocked = changes.some(({ outcome }) => outcome === 'refused');
  const failed = problem !== undefined || changes.some(({ outcome }) => outcome === 'failed');
  return {
    verdict: failed ? 'failed' : blocked ? 'blocked' : 'succeeded',
    service,
    changes,
    problems: distinct,
  };
}

function unfinished(service: string): Problem {
  return {
    code: 'CA_UPDATE_UNFINISHED',
    message: `The update of the CA certificates of ${service} does not come to an end.`,
    resource: service,
    cure: 'Look at the service in the portal; what waits stays in line, and the next sweep goes on with it.',
  };
}
