import {
  giveAccess,
  grantInputSchema,
  isSameGift,
  publishGrants,
  requestSourceSync,
  type Given,
  type GrantResult,
} from '../../shared/contracts/grant.ts';
import { call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { wait } from '../../shared/durable/wait.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { mayPass } from '../../shared/domain/outcome.ts';
import { formatSource } from '../../shared/domain/source.ts';
import { formatTarget } from '../../shared/domain/target.ts';
import { MOST_LOOKS, saysWait } from './giving.ts';

/** Changes of a service take 15 to 45 minutes; nobody waits for longer than this. */
const TAKES_AT_MOST_MS = 9_000_000;

/**
 * Gives a service, because somebody asked, what it lacks to read a source, and asks for a sync that
 * goes on with it. At most one runs for a source and a target.
 */
export function* grantAccess(context: OrchestrationContext): Durably<GrantResult> {
  const { source, target, by } = grantInputSchema.parse(context.df.getInput());
  const path = formatTarget(target);
  const began = context.df.currentUtcDateTime;
  const until = began.getTime() + TAKES_AT_MOST_MS;
  const holder = `${context.df.instanceId}|${began.toISOString()}`;
  let given: readonly Given[] = [];
  let onlyPlan = true;
  let looks = 0;

  say(context, `Looking at what ${target.service} lacks to read ${formatSource(source)}`);
  const result = (problems: readonly Problem[], sync?: string): GrantResult => ({
    verdict: problems.length === 0 ? 'succeeded' : problems.some(mayPass) ? 'failed' : 'blocked',
    ...{ source, target, given, problems },
    ...(sync === undefined ? {} : { sync }),
  });
  for (;;) {
    const answer = yield* call(context, giveAccess, {
      ...{ source, target, by, holder },
      ...(onlyPlan ? { onlyPlan } : {}),
    });
    if (answer.kind === 'failed') return result([answer.problem]);
    const { state, says = '', afterSeconds = 0, obstacles } = answer.value;
    const news = answer.value.given.filter((one) => !given.some((other) => isSameGift(one, other)));
    given = answer.value.given;
    if (news.length > 0) {
      const operation = context.df.instanceId;
      yield* call(context, publishGrants, { source, target: path, operation, given: news });
    }
    if (state === 'complete' || state === 'withheld') {
      const sync = yield* call(context, requestSourceSync, { source, by });
      say(context, ending(given));
      return sync.kind === 'done'
        ? result(obstacles, sync.value.id)
        : result([...obstacles, sync.problem]);
    }
    say(context, state === 'waiting' ? saysWait(says, began.getTime(), until) : says);
    onlyPlan = false;
    looks = state === 'more' ? looks + 1 : 0;
    if (looks > MOST_LOOKS) return result([unfinished(path)]);
    if (state === 'more') continue;
    if (context.df.currentUtcDateTime.getTime() > until) return result([unfinished(path)]);
    yield* wait(context, afterSeconds);
  }
}

function ending(given: readonly Given[]): string {
  return given.length === 0
    ? 'There was nothing to give'
    : given.map(({ message }) => message).join(' ');
}

function unfinished(path: string): Problem {
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `Giving the service of ${path} what it lacks does not come to an end.`,
    resource: path,
    cure: 'Ask for it again; what was begun is completed.',
  };
}
