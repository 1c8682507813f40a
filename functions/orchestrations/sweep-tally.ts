import {
  MOST_FINDINGS,
  MOST_PLANNED,
  MOST_PROBLEMS,
  type PlannedAct,
  type SweepResult,
} from '../../shared/contracts/sweep.ts';
import type { Answer } from '../../shared/durable/call.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { done } from './side-by-side.ts';

/** What a sweep that has seen nothing answers. */
export const NOTHING = {
  services: 0,
  vaults: 0,
  certificates: 0,
  discovered: 0,
  unmanaged: 0,
  syncs: 0,
  present: 0,
  disabled: 0,
  expired: 0,
  softDeleted: 0,
  purged: 0,
  unknown: 0,
  orphaned: 0,
  removed: 0,
  released: 0,
  kept: 0,
  recovered: 0,
  rebound: 0,
  keysRemoved: 0,
  accessChecked: 0,
  accessBroken: 0,
  problems: [],
  problemsLeftOut: 0,
} satisfies SweepResult;

type Counts = Omit<
  SweepResult,
  'problems' | 'problemsLeftOut' | 'findings' | 'findingsLeftOut' | 'planned' | 'plannedLeftOut'
>;

/** What the parts of a sweep come to, within what the engine can store. */
export interface Tally {
  /** For whoever adds problems by itself. */
  readonly problems: Problem[];
  count(counts: Partial<Counts>): void;
  add(more: {
    readonly problems: readonly Problem[];
    readonly problemsLeftOut?: number;
    readonly findings?: readonly Problem[];
    readonly findingsLeftOut?: number;
    readonly planned?: readonly PlannedAct[];
    readonly plannedLeftOut?: number;
  }): void;
  /** The answers that came; the problems of the others are added. */
  done<Value>(answers: readonly Answer<Value>[]): Value[];
  result(dryRun: boolean): SweepResult;
}

export function makeTally(begun: Partial<Counts>): Tally {
  const counts: Record<string, number> = {};
  const problems: Problem[] = [];
  const findings: Problem[] = [];
  const planned: PlannedAct[] = [];
  let left = { problems: 0, findings: 0, planned: 0 };
  const count = (some: Partial<Counts>): void => {
    for (const [name, value] of Object.entries(some)) counts[name] = (counts[name] ?? 0) + value;
  };
  count(begun);
  return {
    problems,
    count,
    add(more) {
      problems.push(...more.problems);
      findings.push(...(more.findings ?? []));
      planned.push(...(more.planned ?? []));
      left = {
        problems: left.problems + (more.problemsLeftOut ?? 0),
        findings: left.findings + (more.findingsLeftOut ?? 0),
        planned: left.planned + (more.plannedLeftOut ?? 0),
      };
    },
    done: (answers) => done(answers, problems),
    result: (dryRun) => ({
      ...NOTHING,
      ...counts,
      ...foundOf(findings, left.findings),
      problems: problems.slice(0, MOST_PROBLEMS),
      problemsLeftOut: left.problems + Math.max(0, problems.length - MOST_PROBLEMS),
      ...(dryRun
        ? {
            planned: planned.slice(0, MOST_PLANNED),
            plannedLeftOut: left.planned + Math.max(0, planned.length - MOST_PLANNED),
          }
        : {}),
    }),
  };
}

function foundOf(
  findings: readonly Problem[],
  leftOut: number,
): Pick<SweepResult, 'findings' | 'findingsLeftOut'> {
  const more = leftOut + Math.max(0, findings.length - MOST_FINDINGS);
  return {
    ...(findings.length === 0 ? {} : { findings: findings.slice(0, MOST_FINDINGS) }),
    ...(more === 0 ? {} : { findingsLeftOut: more }),
  };
}
