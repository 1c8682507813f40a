import type { ApiCertificate, ApiList } from '../api.ts';
import type { Output } from '../output.ts';
import { clean } from './problem.ts';
import { formatTable, tableWidth } from './table.ts';
import { formatExpiry, formatExpiryShort, statusWord } from './words.ts';

const HEADS = ['CERTIFICATE', 'STATUS', 'EXPIRES', 'TARGETS'];
/** The name is there to be copied, and half a date is none. */
const WHOLE = [0, 2];

/** A list of certificates, one line each, and how to see more. */
export function formatList(
  { certificates, next }: ApiList,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
  now: number,
): string {
  if (certificates.length === 0) return 'No certificate matches.';
  const rowsWith = (expiry: typeof formatExpiry) =>
    certificates.map((one) => [
      clean(`${one.vault}/${one.name}`),
      statusWord(one.status, colors),
      expiry(one.expiresAt, now),
      summarize(one),
    ]);
  const full = rowsWith(formatExpiry);
  const fits = columns === undefined || tableWidth(HEADS, full) <= columns;
  const orphaned = certificates.some(({ bindings }) => bindings.some(({ orphan }) => orphan));
  const troubled = certificates.find(({ status }) => status === 'blocked' || status === 'failed');
  return [
    formatTable(HEADS, fits ? full : rowsWith(formatExpiryShort), columns, WHOLE),
    '',
    `${certificates.length} ${certificates.length === 1 ? 'certificate' : 'certificates'}${next === undefined ? '' : ', and there are more: --all'}.`,
    ...(troubled === undefined
      ? []
      : [
          `What is in the way:  npx certkeeper show ${clean(`${troubled.vault}/${troubled.name}`)}`,
        ]),
    ...(orphaned ? ['Whose certificate is gone:  npx certkeeper orphans list'] : []),
  ].join('\n');
}

/** `2 verified, 1 blocked`. */
function summarize({ bindings }: ApiCertificate): string {
  const counts = new Map<string, number>();
  const count = (what: string): unknown => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { status, access, orphan, warnings = [] } of bindings) {
    // Its certificate is gone: the rest follows from that.
    count(orphan === undefined ? status : 'orphaned');
    if (orphan === undefined && warnings.length > 0) count('warned');
    // It is verified and fine until the next version comes.
    if (status === 'verified' && access?.verdict === 'blocks') count('without access');
  }
  return [...counts].map(([status, count]) => `${count} ${clean(status)}`).join(', ') || 'none';
}
