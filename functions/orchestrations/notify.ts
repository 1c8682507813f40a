import {
  closeNotify,
  handOverReport,
  noteUndelivered,
  notifyInputSchema,
  openNotify,
  tellPlace,
  type NotifyInput,
  type NotifyResult,
} from '../../shared/contracts/notify.ts';
import { call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import type { Problem } from '../../shared/domain/errors.ts';

/** A bound against going round for ever: each turn tells some messages. */
const MOST_TURNS = 200;

/**
 * Tells one place what is news to it. At most one runs for a place, so it is told everything once and
 * in order; whatever arrives meanwhile makes it look again as its last act. A place that does not
 * answer is tried for half an hour, holds up no other, and is then noted for the next audit to find.
 */
export function* notify(context: OrchestrationContext): Durably<NotifyResult | undefined> {
  const { place } = notifyInputSchema.parse(context.df.getInput());
  const opened = yield* call(context, openNotify, { place });
  // The arrival stays open, so whoever asks next starts a new one.
  if (opened.kind !== 'done') return { place, sent: 0, problems: [opened.problem] };

  say(context, `Telling ${place} what is new`);
  const { sent, problem } = yield* tell(context, place);
  const problems = problem === undefined ? [] : [problem];
  if (problem !== undefined) {
    const at = context.df.currentUtcDateTime.toISOString();
    const noted = yield* call(context, noteUndelivered, { place, problem, at });
    if (noted.kind === 'failed') problems.push(noted.problem);
  }
  say(context, problem === undefined ? `${place} knows everything` : problem.message);

  const closed = yield* call(context, closeNotify, { place, arrival: opened.value.arrival });
  if (closed.kind === 'done' && closed.value.again) {
    context.df.continueAsNew({ place } satisfies NotifyInput);
    return undefined;
  }
  return { place, sent, problems };
}

function* tell(
  context: OrchestrationContext,
  place: string,
): Durably<{ readonly sent: number; readonly problem?: Problem }> {
  let sent = 0;
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const told = yield* call(context, tellPlace, { place });
    if (told.kind === 'failed') return { sent, problem: told.problem };
    sent += told.value.sent;
    if (!told.value.more) break;
    say(context, `Telling ${place} what is new: ${String(sent)} messages so far`);
  }
  return { sent };
}

/**
 * What an audit does at its end: hands its report over to be told of. It waits for nobody: each place
 * is told by an orchestration of its own.
 * @param options `auditId`: the report, which must be stored by now
 * @returns what kept it from being handed over; the next audit tells what this one could not
 */
export function* notifyFindings(
  context: OrchestrationContext,
  { auditId }: { readonly auditId: string },
): Durably<readonly Problem[]> {
  const handed = yield* call(context, handOverReport, { report: auditId });
  return handed.kind === 'done' ? [] : [handed.problem];
}
