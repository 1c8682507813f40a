import type { ApiAudit } from '../api-audits.ts';
import type { Output } from '../output.ts';
import { countOf } from './entry.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';
import { healthWord } from './words.ts';

/** The audits that were made, each in a line. */
export function formatAudits(
  audits: readonly ApiAudit[],
  { more }: { readonly more: boolean },
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string {
  if (audits.length === 0) return 'No audit has been made yet:  npx certkeeper audit';
  // The time stands at the beginning of the id.
  const rows = audits.map(({ id, headline: { health, findings, acknowledged } }) => [
    clean(id),
    healthWord(health, colors),
    ...[findings.critical, findings.high, findings.medium, findings.low, acknowledged].map(String),
  ]);
  return [
    formatTable(['AUDIT (UTC)', 'HEALTH', 'CRIT', 'HIGH', 'MED', 'LOW', 'ACK'], rows, columns),
    '',
    `${countOf(audits.length, 'audit')}${more ? ', and there are more' : ''}.`,
    'What one found:  npx certkeeper report {audit}',
  ].join('\n');
}
