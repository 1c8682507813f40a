import type { ApiUploaded } from '../api.ts';
import type { Output } from '../output.ts';
import { clean, problemLines } from './problem.ts';
import { formatExpiry } from './words.ts';
import { wrap } from './wrap.ts';

/** What Certkeeper understood of an upload, and what it did with it. */
export function formatUploaded(
  uploaded: ApiUploaded,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
  now: number,
): string {
  const { understood, warnings = [] } = uploaded;
  const width = columns ?? 80;
  const line = (label: string, text: string): string => {
    const first = `  ${label.padEnd(12)}`;
    return first + wrap(clean(text), ' '.repeat(14), width).trimStart();
  };
  return [
    colors.bold(wrap(clean(headline(uploaded)), '', width)),
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

function headline({ source, imported, version, rolledBackTo }: ApiUploaded): string {
  const name = source === undefined ? 'The certificate' : `${source.vault}/${source.name}`;
  if (imported === false)
    return `${name} holds this very certificate already; nothing was imported.`;
  const as = version === undefined ? '' : `, ${rolledBackTo === undefined ? '' : 'as '}${version}`;
  return rolledBackTo === undefined
    ? `${name} has a new version${as}.`
    : `${name} holds what was version ${rolledBackTo} again${as}.`;
}
