import type { RuntimeStatus } from './history.ts';
import { isControl, type InboxMessage, type Message } from './message.ts';

/** An activity's result that comes straight from the activity: its task is still in the queue. */
export interface DirectResult {
  readonly taskSeq: number;
  readonly executionId: string;
  readonly message: Message;
}

/** The part of an inbox that one turn looks at. */
export interface Batch {
  readonly messages: readonly Message[];
  readonly consumed: readonly number[];
  readonly consumedTasks: readonly number[];
  /** Whether the orchestrator runs; false when only its state changes (suspend, terminate). */
  readonly runs: boolean;
  /** The status after the turn, as far as the messages decide it. */
  readonly status: RuntimeStatus;
  /** Why it was terminated; undefined when it was not. */
  readonly terminated?: { readonly reason: string | null };
}

interface Entry {
  readonly message: Message;
  readonly seq?: number;
  readonly taskSeq?: number;
}

/**
 * Chooses what the next turn looks at. A suspended instance leaves everything but control messages
 * in its inbox, in order, until it is resumed; what came before a suspension is handled before it.
 * @param canRun whether its orchestrator can run; where it cannot, an instance can still be terminated
 */
export function chooseBatch(
  instance: {
    readonly executionId: string;
    readonly status: RuntimeStatus;
    readonly begun: boolean;
  },
  inbox: readonly InboxMessage[],
  direct: readonly DirectResult[],
  canRun: boolean,
): Batch {
  const isOurs = (executionId: string | null): boolean =>
    executionId === null || executionId === instance.executionId;
  const entries: Entry[] = [
    ...inbox.filter((one) => isOurs(one.executionId)),
    ...direct.filter((one) => isOurs(one.executionId)),
  ];
  const stale = {
    seqs: inbox.filter((one) => !isOurs(one.executionId)).map((one) => one.seq),
    tasks: direct.filter((one) => !isOurs(one.executionId)).map((one) => one.taskSeq),
  };
  const first = entries[0]?.message;
  const isStateChange = instance.begun && first !== undefined && isControl(first);
  const isTerminate = ({ message }: Entry): boolean => message.kind === 'terminate';
  const isLastWord = !canRun && entries.some(isTerminate);
  const taken = isStateChange
    ? takeWhile(entries, ({ message }) => isControl(message))
    : takeWhile(entries, ({ message }) => isLastWord || message.kind !== 'suspend');
  const end = taken.findIndex(isTerminate);
  const used = end < 0 ? taken : taken.slice(0, end + 1);
  const last = used.at(-1)?.message;
  return {
    messages: used.map(({ message }) => message),
    consumed: [...used.flatMap(({ seq }) => seq ?? []), ...stale.seqs],
    consumedTasks: [...used.flatMap(({ taskSeq }) => taskSeq ?? []), ...stale.tasks],
    runs: end < 0 && !isStateChange,
    status: end >= 0 ? 'Terminated' : lastStatus(instance.status, used),
    ...(last?.kind === 'terminate' && { terminated: { reason: last.reason } }),
  };
}

function lastStatus(status: RuntimeStatus, entries: readonly Entry[]): RuntimeStatus {
  const change = entries.findLast(
    ({ message }) => message.kind === 'suspend' || message.kind === 'resume',
  );
  if (change?.message.kind === 'suspend') return 'Suspended';
  return status === 'Suspended' && change === undefined ? 'Suspended' : 'Running';
}

function takeWhile<T>(all: readonly T[], test: (one: T) => boolean): readonly T[] {
  const end = all.findIndex((one) => !test(one));
  return end < 0 ? all : all.slice(0, end);
}
