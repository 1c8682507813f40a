import type { ApiApproved } from '../api.ts';
import type { Output } from '../output.ts';
import { nameOf } from './entry.ts';
import { clean } from './problem.ts';
import { formatTime } from './words.ts';
import { wrap } from './wrap.ts';

/** What may go out now, and what is broken by that. */
export function formatApproved(
  { source, version, until }: ApiApproved,
  { columns }: Pick<Output, 'columns'>,
): string {
  const what = `Version ${clean(version)} of ${nameOf(source)} may go out`;
  const text =
    until === undefined
      ? `${what}, though it does not look like the one before it.`
      : `${what} until ${formatTime(until)} UTC, though that breaks what refers to the one before it by thumbprint: see \`npx certkeeper usage ${nameOf(source)}\`.`;
  return wrap(text, '', columns ?? 80);
}
