import type { Problem, ProblemCode } from './errors.ts';

/** The questions that are asked about a service and a certificate, in the order people would ask. */
export type CheckName =
  | 'service'
  | 'identity'
  | 'reference'
  | 'vault'
  | 'permission'
  | 'ignored-permission'
  | 'firewall'
  | 'certificate'
  | 'validity'
  | 'exportable'
  | 'application'
  | 'sign-in';

/**
 * `blocks`: API Management cannot read the current version. `may-block`: it hangs on something that
 * cannot be seen from here. `notice`: not in the way, and good to know.
 */
export type FindingSeverity = 'blocks' | 'may-block' | 'notice';

/** The answer to one question. */
export type AccessCheck =
  | {
      readonly check: CheckName;
      readonly severity: 'passed';
      readonly resource: string;
      readonly message: string;
    }
  | ({ readonly check: CheckName; readonly severity: FindingSeverity } & Finding)
  /** Certkeeper itself could not look; this says nothing about the service. */
  | ({ readonly check: CheckName; readonly severity: 'unknown' } & Problem);

/** What is wrong, on which resource, and the cure. */
export interface Finding {
  readonly code: ProblemCode;
  /** An ARM id, `vault/name` or a target path. */
  readonly resource: string;
  readonly message: string;
  /** A command wherever one exists. */
  readonly cure: string;
}

export function passed(check: CheckName, resource: string, message: string): AccessCheck {
  return { check, severity: 'passed', resource, message };
}

export function found(check: CheckName, severity: FindingSeverity, what: Finding): AccessCheck {
  return { check, severity, ...what };
}

export function unknown(check: CheckName, problem: Problem): AccessCheck {
  return { check, severity: 'unknown', ...problem };
}

/** Whether something is known to stand in the way. */
export function isBlocked(checks: readonly AccessCheck[]): boolean {
  return checks.some(({ severity }) => severity === 'blocks');
}

/** Whether something may stand in the way, or could not be looked at: what a refusal may come from. */
export function isDoubtful(checks: readonly AccessCheck[]): boolean {
  return checks.some(({ severity }) => severity === 'may-block' || severity === 'unknown');
}

/** The gravest answer; `clear` when nothing is known to stand in the way and all was seen. */
export const ACCESS_VERDICTS = ['blocks', 'may-block', 'unknown', 'clear'] as const;
export type AccessVerdict = (typeof ACCESS_VERDICTS)[number];

export function verdictOf(checks: readonly AccessCheck[]): AccessVerdict {
  const all = new Set<string>(checks.map(({ severity }) => severity));
  return ACCESS_VERDICTS.find((one) => all.has(one)) ?? 'clear';
}

/** Whether nobody has to do anything about it: it passes after some minutes. */
export function passesByItself({ code }: Problem): boolean {
  return code === 'PERMISSION_PROPAGATING' || code === 'SERVICE_UPDATING';
}

const ORDER = ['blocks', 'may-block', 'notice', 'unknown'] as const;

/** What stands in the way, the surest first; Certkeeper's own blind spots last, each once. */
export function problemsIn(checks: readonly AccessCheck[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const wanted of ORDER) {
    for (const one of checks) {
      if (one.severity === 'passed' || one.severity !== wanted) continue;
      const { check: _, severity: __, ...problem } = one;
      const told = problems.some((other) => other.message === problem.message);
      if (!told) problems.push(problem);
    }
  }
  return problems;
}
