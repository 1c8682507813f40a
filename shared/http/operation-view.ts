import type { DurableOrchestrationStatus } from 'durable-functions';
import type { OperationView } from './operation-schema.ts';
import { AUDIT_INSTANCE, auditResultSchema, type AuditResult } from '../contracts/audit.ts';
import { vaultAccessInputSchema, vaultAccessResultSchema } from '../contracts/access.ts';
import { caInputSchema, caResultSchema } from '../contracts/ca.ts';
import { grantInputSchema, grantResultSchema } from '../contracts/grant.ts';
import { syncInputSchema, syncResultSchema } from '../contracts/sync.ts';
import { DRY_SWEEP_INSTANCE, SWEEP_INSTANCE, sweepResultSchema } from '../contracts/sweep.ts';
import type { Problem } from '../domain/errors.ts';
import { formatTarget } from '../domain/target.ts';
import { startedAt } from './started.ts';

/** Reads a durable instance as an operation. Nothing that the engine stored is shown unread. */
export function toOperationView(status: DurableOrchestrationStatus): OperationView {
  const kind = kindOf(status.instanceId);
  const base = {
    id: status.instanceId,
    kind,
    step: stepOf(status.customStatus),
    startedAt: toIso(status.createdTime),
    updatedAt: toIso(status.lastUpdatedTime),
    ...subjectIn(kind, status.input),
  } as const;
  const runtimeStatus: string = status.runtimeStatus;
  switch (runtimeStatus) {
    case 'Pending':
      return { ...base, state: 'pending', step: 'Waiting for its turn' };
    case 'Completed':
      return { ...base, ...resultOf(kind, status.output) };
    case 'Failed':
    case 'Terminated':
    case 'Canceled': {
      const problem = endedBadly(status.instanceId, runtimeStatus);
      return { ...base, state: 'failed', step: problem.message, problem, problems: [problem] };
    }
    default:
      return { ...base, state: 'running' };
  }
}

function kindOf(id: string): OperationView['kind'] {
  if (id === SWEEP_INSTANCE || id === DRY_SWEEP_INSTANCE) return 'sweep';
  if (id === AUDIT_INSTANCE) return 'audit';
  if (id.startsWith('grant-')) return 'grant';
  if (id.startsWith('ca-')) return 'ca-update';
  return id.startsWith('access-') ? 'access-check' : 'sync';
}

function resultOf(
  kind: OperationView['kind'],
  output: unknown,
): Pick<OperationView, 'state'> & Partial<OperationView> {
  if (kind === 'sweep') {
    const { planned, plannedLeftOut, findings, findingsLeftOut, ...told } =
      sweepResultSchema.parse(output);
    const { problems, problemsLeftOut, ...counts } = told;
    const state = problems.length > 0 ? 'blocked' : 'succeeded';
    return {
      ...{ state, counts, problems },
      ...(problemsLeftOut === 0 ? {} : { problemsLeftOut }),
      ...(findings === undefined ? {} : { findings }),
      ...(findingsLeftOut === undefined ? {} : { findingsLeftOut }),
      ...(planned === undefined ? {} : { dryRun: true, planned }),
      ...(plannedLeftOut === undefined ? {} : { plannedLeftOut }),
      ...firstOf(problems),
    };
  }
  if (kind === 'audit') return toAudited(auditResultSchema.parse(output));
  if (kind === 'access-check') {
    const { vault, problems, examples, ...counts } = vaultAccessResultSchema.parse(output);
    const broken = examples.length > 0 ? { broken: examples } : {};
    const all = [...examples.map(({ problem }) => problem), ...problems];
    const state = all.length > 0 ? 'blocked' : 'succeeded';
    return { state, vault, counts, ...broken, problems, ...firstOf(all) };
  }
  if (kind === 'ca-update') {
    const { verdict: state, service, changes, problems } = caResultSchema.parse(output);
    return { state, service, changes, problems, ...firstOf(problems) };
  }
  if (kind === 'grant') {
    const { verdict, source, target, given, problems, sync } = grantResultSchema.parse(output);
    return {
      ...{ state: verdict, source, target: formatTarget(target), given, problems },
      ...(sync === undefined ? {} : { sync: startedAt(sync).operation }),
      ...firstOf(problems),
    };
  }
  const { verdict, source, version, thumbprint, targets, problems, warnings } =
    syncResultSchema.parse(output);
  return {
    state: verdict,
    source,
    ...(version === undefined ? {} : { version }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    targets,
    problems,
    ...(warnings === undefined ? {} : { warnings }),
    ...firstOf([
      ...problems,
      ...targets.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    ]),
  };
}

/** An audit succeeds when there is a report, whatever that says. */
function toAudited({
  audit: id,
  headline,
  problems,
  ...counted
}: AuditResult): Pick<OperationView, 'state'> & Partial<OperationView> {
  const told = { problems, ...firstOf(problems) };
  if (id === undefined || headline === undefined) {
    return { state: 'failed', counts: counted, ...told };
  }
  const { certificates, ...said } = headline;
  return {
    state: 'succeeded',
    counts: { ...counted, certificates },
    audit: { id, report: `/api/audits/${id}`, ...said },
    ...told,
  };
}

function firstOf(problems: readonly Problem[]): { problem?: Problem } {
  return problems[0] === undefined ? {} : { problem: problems[0] };
}

function subjectIn(
  kind: OperationView['kind'],
  input: unknown,
): Pick<OperationView, 'source' | 'target' | 'vault' | 'service'> {
  if (kind === 'access-check') {
    const read = vaultAccessInputSchema.safeParse(input);
    return read.success ? { vault: read.data.vault } : {};
  }
  if (kind === 'ca-update') {
    const read = caInputSchema.safeParse(input);
    return read.success ? { service: read.data.service } : {};
  }
  if (kind === 'grant') {
    const read = grantInputSchema.safeParse(input);
    if (!read.success) return {};
    const { source, target } = read.data;
    return { source, target: formatTarget(target) };
  }
  const read = syncInputSchema.safeParse(input);
  return read.success ? { source: read.data.source } : {};
}

function stepOf(customStatus: unknown): string {
  if (typeof customStatus === 'object' && customStatus !== null && 'step' in customStatus) {
    return String(customStatus.step);
  }
  return 'Starting';
}

function toIso(time: Date | string): string {
  return new Date(time).toISOString();
}

function endedBadly(id: string, status: string): Problem {
  return {
    code: 'SYNC_FAILED',
    message: `The operation ended as ${status} before it had a result.`,
    resource: id,
    cure: "Ask for it again; the app's log has more under this id.",
  };
}
