/** Findings by what cures them: those of one group can be dealt with in one go. */
import { SEVERITIES, type Severity } from '../../domain/audit/audit-report.ts';
import type { FindingCode } from '../../domain/audit/finding-codes.ts';
import { CURE_GROUP_TITLES, CURE_GROUPS, FINDING_KINDS } from '../../domain/audit/finding-kinds.ts';
import type { Finding } from './page-data.ts';

/** What one kind of work cures. */
export interface CureGroup {
  readonly title: string;
  readonly groups: readonly FindingGroup[];
}

/** Findings of one code. */
export interface FindingGroup {
  readonly code: FindingCode;
  readonly title: string;
  /** Of the gravest of them. */
  readonly severity: Severity;
  readonly findings: readonly Finding[];
  /** When one cure is that of all. */
  readonly cure?: string;
}

/** The gravest group first, at either level. Within a group the order stays. */
export function groupFindings(findings: readonly Finding[]): readonly CureGroup[] {
  const groups = [...Map.groupBy(findings, ({ code }) => code)]
    .map(([code, inside]) => toGroup(code, inside))
    .sort((a, b) => rank(a) - rank(b) || b.findings.length - a.findings.length);
  const byCure = Map.groupBy(groups, ({ code }) => FINDING_KINDS[code].cure);
  return CURE_GROUPS.map((cure) => ({
    title: CURE_GROUP_TITLES[cure],
    groups: byCure.get(cure) ?? [],
  }))
    .filter(({ groups: inside }) => inside.length > 0)
    .sort((a, b) => Math.min(...a.groups.map(rank)) - Math.min(...b.groups.map(rank)));
}

function toGroup(code: FindingCode, findings: readonly Finding[]): FindingGroup {
  const cures = new Set(findings.map(({ cure }) => cure));
  const [cure] = cures;
  return {
    code,
    title: FINDING_KINDS[code].title,
    severity: SEVERITIES.find((one) => findings.some(({ severity }) => severity === one)) ?? 'low',
    findings,
    ...(cures.size === 1 && findings.length > 1 && cure !== undefined ? { cure } : {}),
  };
}

function rank({ severity }: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(severity);
}

/** Where a command begins: at the start, or after what it is for. */
const COMMAND = /(?<=^|: )(?:az|npx certkeeper|certkeeper) /g;

/**
 * The one command in a cure, which it ends with. Undefined = it is to be read: it has none, or leaves
 * a choice, or goes on after it.
 */
export function commandOf(cure: string): string | undefined {
  const [begin, another] = [...cure.matchAll(COMMAND)].map(({ index }) => index);
  if (begin === undefined || another !== undefined) return undefined;
  const command = cure.slice(begin).replace(/\.$/, '');
  return /[()]|[,;.] /.test(command) ? undefined : command;
}
