import type { ApiAccess } from '../api.ts';
import type { Output } from '../output.ts';
import { clean, formatCure } from './problem.ts';
import { statusWord } from './words.ts';
import { wrap } from './wrap.ts';

/** Every check between a service and a certificate, with the cure where one fails. */
export function formatAccess(
  { source, target, verdict, checks }: ApiAccess,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string {
  const width = columns ?? 80;
  const widest = Math.max(0, ...checks.map(({ severity }) => severity.length));
  const lines = checks.flatMap(({ severity, message, code, cure }) => {
    const text = `${clean(message)}${code === undefined ? '' : ` (${clean(code)})`}`;
    const hang = ' '.repeat(widest + 4);
    const mark = statusWord(severity, colors) + ' '.repeat(widest - severity.length);
    return [
      `  ${mark}  ${wrap(text, hang, width).trimStart()}`,
      ...(cure === undefined ? [] : [formatCure(cure, hang, width)]),
    ];
  });
  return [
    `${clean(target)} reading ${clean(source)}: ${statusWord(verdict, colors)}`,
    '',
    ...lines,
  ].join('\n');
}
