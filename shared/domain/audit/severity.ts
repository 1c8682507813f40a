import { SEVERITIES, type Severity } from './audit-report.ts';

/** Below nought when the first is the graver one. */
export function compareSeverities(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

export function isGraver(a: Severity, b: Severity): boolean {
  return compareSeverities(a, b) < 0;
}

export function graverOf(a: Severity, b: Severity): Severity {
  return isGraver(a, b) ? a : b;
}

export function milderOf(a: Severity, b: Severity): Severity {
  return isGraver(a, b) ? b : a;
}

/** One step down, `low` stays. */
export function stepDown(severity: Severity): Severity {
  return SEVERITIES[SEVERITIES.indexOf(severity) + 1] ?? 'low';
}
