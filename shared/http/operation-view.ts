import type { DurableOrchestrationStatus } from 'durable-functions';
import { syncInputSchema, syncResultSchema } from '../contracts/sync.ts';
import { sweepResultSchema } from '../contracts/sweep.ts';
import type { Problem } from '../domain/errors.ts';
import type { TargetOutcome } from '../domain/outcome.ts';

/** An operation as `GET /api/operations/{id}` shows it. Times are ISO 8601, UTC. */
export interface OperationView {
  readonly id: string;
  readonly kind: 'sync' | 'sweep';
  /** `blocked`: done, and a person has to change something before it can succeed. */
  readonly state: 'pending' | 'running' | 'succeeded' | 'blocked' | 'failed';
  /** What is going on, in a sentence. */
  readonly step: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly source?: { readonly vault: string; readonly name: string };
  readonly version?: string;
  readonly thumbprint?: string;
  readonly targets?: readonly TargetOutcome[];
  readonly problems?: readonly Problem[];
  /** What is worth a look, and stood in nobody's way. */
  readonly warnings?: readonly Problem[];
  /** The first thing that stands in the way, for who reads only one line. */
  readonly problem?: Problem;
  /** What a sweep counted. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** Reads a durable instance as an operation. Nothing that the engine stored is shown unread. */
export function toOperationView(status: DurableOrchestrationStatus): OperationView {
  const kind = status.instanceId === 'sweep' ? 'sweep' : 'sync';
  const base = {
    id: status.instanceId,
    kind,
    step: stepOf(status.customStatus),
    startedAt: toIso(status.createdTime),
    updatedAt: toIso(status.lastUpdatedTime),
    ...sourceIn(status.input),
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

function resultOf(
  kind: OperationView['kind'],
  output: unknown,
): Pick<OperationView, 'state'> & Partial<OperationView> {
  if (kind === 'sweep') {
    const { problems, ...counts } = sweepResultSchema.parse(output);
    const state = problems.length > 0 ? 'blocked' : 'succeeded';
    return { state, counts, problems, ...firstOf(problems) };
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

function firstOf(problems: readonly Problem[]): { problem?: Problem } {
  return problems[0] === undefined ? {} : { problem: problems[0] };
}

function sourceIn(input: unknown): Pick<OperationView, 'source'> {
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
