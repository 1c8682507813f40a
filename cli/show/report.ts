import type { ApiFinding, ApiReport, ApiSeverity } from '../api-audits.ts';
import type { Output } from '../output.ts';
import { countOf, formatNext } from './entry.ts';
import { clean, formatCure } from './problem.ts';
import { formatTime, healthTitle } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

const SEVERITIES: readonly ApiSeverity[] = ['critical', 'high', 'medium', 'low'];
/** What fits on a screen or two, the gravest above all; who wants to see all of it takes a file. */
const SHOWN: Readonly<Record<ApiSeverity, number>> = { critical: 20, high: 10, medium: 5, low: 3 };

/** The headline of a report, and what was found, the gravest first. */
export function formatReport(report: ApiReport, output: Shown): string {
  const { colors, columns } = output;
  const { headline, scope, findings } = report;
  const width = columns ?? 80;
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const known = findings.length - open.length;
  const isWhole = SEVERITIES.every(
    (severity) => open.filter((one) => one.severity === severity).length <= SHOWN[severity],
  );
  return [
    [
      wrap(`${healthTitle(headline.health, colors)} ${clean(headline.sentence)}`, '', width),
      wrap(
        `${countOf(headline.certificates, 'certificate')} in ${countOf(scope.vaults.length, 'vault')} and ${countOf(scope.services.length, 'service')}, ${formatTime(report.completedAt)} UTC`,
        '',
        width,
      ),
    ],
    headline.nextDates.map(
      ({ at, what, certificates }) =>
        `${clean(at).slice(0, 10)}  ${countOf(certificates.length, 'certificate')} ${said(what, certificates.length)}`,
    ),
    changesOf(report),
    ...SEVERITIES.map((severity) =>
      severityLines(
        severity,
        open.filter((one) => one.severity === severity),
        output,
      ),
    ),
    known === 0 ? [] : [`${countOf(known, 'finding')} acknowledged.`],
    [
      ...(isWhole
        ? []
        : [formatNext('All of them:', 'npx certkeeper report --format findings-csv', columns)]),
      formatNext('As a page:', `npx certkeeper report ${clean(report.id)} --format html`, columns),
      ...(open.length === 0
        ? []
        : [
            formatNext(
              'Live with one:',
              'npx certkeeper acknowledge {finding} --reason … --until …',
              columns,
            ),
          ]),
    ],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function severityLines(
  severity: ApiSeverity,
  findings: readonly ApiFinding[],
  { colors, columns }: Shown,
): string[] {
  if (findings.length === 0) return [];
  const left = findings.length - SHOWN[severity];
  return [
    colors.bold(`${severity.toUpperCase()} (${String(findings.length)})`),
    ...findings.slice(0, SHOWN[severity]).map((one) => findingLines(one, columns ?? 80)),
    ...(left <= 0 ? [] : [`  … and ${String(left)} more`]),
  ];
}

function findingLines({ id, code, message, cure }: ApiFinding, width: number): string {
  return [
    wrap(`${clean(message)} (${clean(code)})`, '  ', width),
    formatCure(cure, '    ', width),
    `    ${clean(id)}`,
  ].join('\n');
}

function changesOf({ changes }: ApiReport): string[] {
  if (changes === undefined) return [];
  const { appeared, worsened, eased, cleared, since } = changes;
  const parts = [
    ...[[appeared.length, 'new'] as const, [worsened.length, 'worse'] as const],
    ...[[eased.length, 'eased'] as const, [cleared.length, 'gone'] as const],
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return [];
  const told = parts.map(([count, words]) => `${String(count)} ${words}`).join(', ');
  return [`Since ${formatTime(since.completedAt)}: ${told}.`];
}

function said(what: string, count: number): string {
  if (what === 'removed') return count === 1 ? 'is removed' : 'are removed';
  return count === 1 ? 'expires' : 'expire';
}
