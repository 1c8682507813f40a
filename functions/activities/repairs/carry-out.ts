/** One document's repair: written down, done, and written down as done. */
import { createHash } from 'node:crypto';
import { unrepairable } from '../../../shared/domain/breaking.ts';
import { countDown } from '../../../shared/domain/count-down.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { Repair, RepairChange } from '../../../shared/domain/repair.ts';
import type { Refusal, Repairs } from '../../../shared/domain/repair-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { formatTarget, type CertificateTarget } from '../../../shared/domain/target.ts';

/** The repair that a document's own belongs to. */
export interface RepairCourse {
  readonly source: Source;
  readonly target: CertificateTarget;
  /** The thumbprint that goes. */
  readonly thumbprint: string;
  readonly operation: string;
  readonly by: RequestedBy;
  /** When it began, ISO 8601: with the document it names what is written down. */
  readonly at: string;
}

/** A kind of document, as this needs it. */
export interface RepairableDocument<Seen> {
  readonly path: string;
  /** Undefined when it is gone. */
  read(): Promise<Seen | undefined>;
  /** Whether what is there is what a change has led to. */
  isWritten(seen: Seen, change: RepairChange): boolean;
  plan(seen: Seen): Promise<
    | { readonly kind: 'nothing' }
    | { readonly kind: 'refused'; readonly why: string }
    | {
        readonly kind: 'write';
        readonly change: RepairChange;
        /** Thrown when it is not what was seen any more: TerminalError `TARGET_CHANGED`. */
        readonly write: () => Promise<{
          readonly etag?: string;
          readonly lost?: readonly string[];
        }>;
      }
  >;
}

export type CarriedOut =
  | { readonly kind: 'repaired'; readonly problem?: Problem }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Whoever changes a document all the time is left to it. */
const MOST_READS = 3;
/** What the service refused may have come right by something else: once a day it is tried again. */
const REFUSAL_COUNTS_MS = 86_400_000;

/**
 * Repairs one document. The intention is written down before it is touched, so that whatever was
 * done can be undone. Run again after a crash, at whatever point, it finds what it wrote down and
 * what became of it, and goes on from there.
 *
 * What was refused is not tried again while the document is what it was then, but for once a day,
 * and then it is written down in the place of what came to nothing.
 *
 * Thrown when it may succeed later: TransientError.
 */
export async function carryOut<Seen>(
  { repairs, now }: { readonly repairs: Repairs; readonly now: () => Date },
  course: RepairCourse,
  document: RepairableDocument<Seen>,
): Promise<CarriedOut> {
  const { target } = course;
  const { path } = document;
  const own = await find(repairs, repairId(course, path));
  // Whether it was begun, and what was there before, nobody knows.
  if (own !== undefined && 'code' in own) {
    return { kind: 'refused', problem: unrepairable(target, path, own.message, own.cure) };
  }
  const refusal = own === undefined ? await repairs.refusal(documentKey(course, path)) : undefined;
  const last = refusal === undefined ? undefined : await find(repairs, refusal.id);
  const refused = last === undefined || 'code' in last ? undefined : last;
  // Begun by this repair in the place of one that came to nothing, and cut off.
  let known = own ?? (refused?.at === course.at ? refused : undefined);
  if (known?.status === 'repaired') return { kind: 'repaired' };
  // Undone while the rest was still on its way: it stays so.
  if (known?.status === 'undone') return { kind: 'nothing' };
  const giveUp = async (): Promise<void> => {
    if (known?.status === 'intended') await repairs.save({ ...known, status: 'given-up' });
  };
  const finish = async (repair: Repair, etag: string | undefined): Promise<void> => {
    await repairs.save({
      ...repair,
      status: 'repaired',
      repairedAt: now().toISOString(),
      ...(etag === undefined ? {} : { etag }),
    });
  };
  const refuse = async (why: string, cure?: string): Promise<CarriedOut> => {
    await giveUp();
    return { kind: 'refused', problem: unrepairable(target, path, why, cure) };
  };

  for (let reads = 1; reads <= MOST_READS; reads += 1) {
    const seen = await document.read();
    if (known?.status === 'intended' && seen !== undefined) {
      if (document.isWritten(seen, known.change)) {
        await finish(known, undefined);
        return { kind: 'repaired' };
      }
    }
    const plan = seen === undefined ? ({ kind: 'nothing' } as const) : await document.plan(seen);
    if (plan.kind === 'refused') return await refuse(`${plan.why}.`);
    if (plan.kind === 'nothing') {
      await giveUp();
      return plan;
    }
    const state = digestOfChange(plan.change);
    const isSame = refusal?.state === state && refused?.status === 'given-up';
    if (isSame && stillCounts(refusal, now())) {
      return await refuse(refusal.problem.message, refusal.problem.cure);
    }
    const id: string = known?.id ?? (isSame ? refusal.id : repairId(course, path));
    known = { ...course, id, document: path, status: 'intended', change: plan.change };
    await repairs.save(known);
    try {
      const { etag, lost = [] } = await plan.write();
      await finish(known, etag);
      return lost.length === 0
        ? { kind: 'repaired' }
        : { kind: 'repaired', problem: lostOf(course, path, id, lost) };
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      const { problem } = error;
      if (problem.code !== 'TARGET_CHANGED') {
        const at = now().toISOString();
        await repairs.refuse(documentKey(course, path), { id, state, at, problem });
        return await refuse(problem.message, problem.cure);
      }
    }
  }
  return await refuse('somebody else changed it each time.');
}

/** A problem when its row cannot be read. */
async function find(
  repairs: Pick<Repairs, 'find'>,
  id: string,
): Promise<Repair | Problem | undefined> {
  try {
    return (await repairs.find(id))?.repair;
  } catch (error) {
    if (error instanceof TerminalError) return error.problem;
    throw error;
  }
}

/** What Certkeeper itself may not do is tried each time: nothing about the document has to change. */
function stillCounts({ at, problem }: Refusal, now: Date): boolean {
  return problem.code === 'AZURE_REFUSED' && now.getTime() - Date.parse(at) < REFUSAL_COUNTS_MS;
}

function lostOf(
  { target }: RepairCourse,
  path: string,
  id: string,
  lost: readonly string[],
): Problem {
  return {
    code: 'SERVICE_CHANGED_UNEXPECTEDLY',
    message: `${path} refers to ${formatTarget(target)} by its id now, and with that change API Management changed something else in it: ${lost.join(', ')}.`,
    resource: formatTarget(target),
    cure: `Look at it, and put back what is missing; what Certkeeper changed can be undone: POST /api/repairs/${id}/undo`,
  };
}

/** Counts down with time, and so the newest is the first. */
function repairId(course: RepairCourse, path: string): string {
  return `${countDown(course.at)}-${documentKey(course, path).slice(0, 16)}`;
}

/** The same for every repair of a document from one thumbprint. */
function documentKey({ target, thumbprint }: RepairCourse, path: string): string {
  return createHash('sha256')
    .update(JSON.stringify([formatTarget(target), thumbprint, path.toLowerCase()]))
    .digest('hex');
}

function digestOfChange(change: RepairChange): string {
  return createHash('sha256').update(JSON.stringify(change)).digest('hex');
}

/**
 * A text's digest, its line ends and what stands before and after it left out: whether API
 * Management answers a policy byte for byte as it was put is not documented.
 */
export function digestOf(text: string): string {
  const plain = text
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .trim();
  return createHash('sha256').update(plain).digest('hex');
}
