import {
  auditInputSchema,
  composeAudit,
  noteUnreadable,
  readService,
  readVault,
  tidyAudits,
  type AuditResult,
} from '../../shared/contracts/audit.ts';
import { listCare } from '../../shared/contracts/sweep.ts';
import { call, callAll, toCall, type Answer } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { toAuditId } from '../../shared/domain/audit/audit-id.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import { notifyFindings } from './notify.ts';
import { chunk } from './side-by-side.ts';

/** The timer. */
const PLATFORM: RequestedBy = { kind: 'platform' };

/** One audit under way. */
interface Auditing {
  readonly context: OrchestrationContext;
  readonly audit: string;
  /** When this step began, by the orchestration's clock: ISO 8601. */
  readonly at: () => string;
  readonly problems: Problem[];
}

/**
 * Reads every vault and service under care, some side by side, and makes a report of what was read.
 * One that cannot be read becomes a finding of the report. Changes nothing at either.
 */
export function* audit(context: OrchestrationContext): Durably<AuditResult> {
  const { by = PLATFORM } = auditInputSchema.parse(context.df.getInput()) ?? {};
  const at = (): string => context.df.currentUtcDateTime.toISOString();
  const startedAt = at();
  const id = toAuditId(startedAt, context.df.newGuid(context.df.instanceId));
  say(context, 'Reading what is under care');
  const care = yield* call(context, listCare, null);
  if (care.kind !== 'done') return { ...NOTHING_READ, problems: [care.problem] };
  const { vaults, services } = care.value;

  const auditing: Auditing = { context, audit: id, at, problems: [] };
  const read = { vaults: vaults.length, services: services.length };
  const unreadable =
    (yield* readVaults(auditing, vaults)) + (yield* readServices(auditing, services));

  say(context, 'Making the report');
  const composed = yield* call(context, composeAudit, {
    ...{ audit: id, by, startedAt },
    completedAt: at(),
  });
  if (composed.kind === 'done') {
    auditing.problems.push(...(yield* notifyFindings(context, { auditId: id })));
  } else auditing.problems.unshift(composed.problem);
  // Without a report too: nobody else will make one of what was read.
  const tidied = yield* call(context, tidyAudits, { audit: id, at: at() });
  if (tidied.kind !== 'done') auditing.problems.push(tidied.problem);
  if (composed.kind !== 'done') return { ...read, unreadable, problems: auditing.problems };
  say(context, composed.value.sentence);
  return { audit: id, headline: composed.value, ...read, unreadable, problems: auditing.problems };
}

const NOTHING_READ = { vaults: 0, services: 0, unreadable: 0 };

/** @returns how many could not be read */
function* readVaults(auditing: Auditing, vaults: readonly string[]): Durably<number> {
  const { context, audit: id } = auditing;
  let seen = 0;
  let unreadable = 0;
  for (const some of chunk(vaults)) {
    say(context, progress(seen, vaults.length, 'vault'));
    let open = some.map((name): { name: string; after?: string } => ({ name }));
    while (open.length > 0) {
      const answers = yield* callAll(
        context,
        open.map((one) => toCall(readVault, { audit: id, ...one })),
      );
      const names = open.map(({ name }) => name);
      unreadable += yield* noteFailures(auditing, 'vault', names, answers);
      // A large vault is read in several calls, each of which goes on where the last one left off.
      open = names.flatMap((name, index) => {
        const answer = answers[index];
        const after = answer?.kind === 'done' ? answer.value.after : undefined;
        return after === undefined ? [] : [{ name, after }];
      });
    }
    seen += some.length;
  }
  return unreadable;
}

/** @returns how many could not be read */
function* readServices(auditing: Auditing, services: readonly string[]): Durably<number> {
  const { context, audit: id } = auditing;
  let seen = 0;
  let unreadable = 0;
  for (const some of chunk(services)) {
    say(context, progress(seen, services.length, 'service'));
    const answers = yield* callAll(
      context,
      some.map((name) => toCall(readService, { audit: id, name })),
    );
    unreadable += yield* noteFailures(auditing, 'service', some, answers);
    seen += some.length;
  }
  return unreadable;
}

/** @returns how many there were */
function* noteFailures(
  { context, audit: id, at, problems }: Auditing,
  kind: 'vault' | 'service',
  names: readonly string[],
  answers: readonly Answer<unknown>[],
): Durably<number> {
  const failures = names.flatMap((name, index) => {
    const answer = answers[index];
    return answer?.kind === 'failed' ? [{ name, problem: answer.problem }] : [];
  });
  const noted = yield* callAll(
    context,
    failures.map((failure) => toCall(noteUnreadable, { audit: id, kind, at: at(), ...failure })),
  );
  for (const answer of noted) if (answer.kind === 'failed') problems.push(answer.problem);
  return failures.length;
}

function progress(seen: number, all: number, what: string): string {
  return `Read ${String(seen)} of ${String(all)} ${what}${all === 1 ? '' : 's'}`;
}
