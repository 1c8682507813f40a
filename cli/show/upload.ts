import type { ApiUploaded } from '../api.ts';
import type { Output } from '../output.ts';
import { problemLines } from './certificate.ts';
import { clean } from './problem.ts';
import { formatExpiry } from './words.ts';
import { wrap } from './wrap.ts';

/** What Certkeeper understood of an upload, and what it did with it. */
export function formatUploaded(
  uploaded: ApiUploaded,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
  now: number,
): string {
  const { understood, imported, version, source, warnings = [], rolledBackTo } = uploaded;
  const width = columns ?? 80;
  const name = source === undefined ? 'The certificate' : `${source.vault}/${source.name}`;
  const line = (label: string, text: string): string => {
    const first = `  ${label.padEnd(12)}`;
    return first + wrap(clean(text), ' '.repeat(14), width).trimStart();
  };
  return [
    colors.bold(
      clean(
        imported === false
          ? `${name} holds this very certificate already; nothing was imported.`
          : rolledBackTo === undefined
            ? `${name} has a new version${version === undefined ? '' : `, ${version}`}.`
            : `${name} holds what was version ${rolledBackTo} again${version === undefined ? '' : `, as ${version}`}.`,
      ),
    ),
    ...(understood === undefined
      ? []
      : [
          line('subject', understood.subject),
          ...(understood.sans.length === 0 ? [] : [line('names', understood.sans.join(', '))]),
          line('issuer', understood.issuer),
          line('thumbprint', understood.thumbprint),
          line('expires', formatExpiry(understood.notAfter, now)),
          line(
            'key',
            `${understood.keyType} ${understood.curve ?? String(understood.keySize ?? '')}`,
          ),
          line(
            'chain',
            understood.chain.length === 0
              ? 'none'
              : understood.chain.map(({ subject }) => subject).join('; '),
          ),
        ]),
    ...warnings.map((one) => problemLines(one, width)),
  ].join('\n');
}
