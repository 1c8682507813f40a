import type { ApiNotificationsTested } from '../api-notifications.ts';
import type { Output } from '../output.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { statusWord } from './words.ts';
import { wrap } from './wrap.ts';

/** What each place answered to a test message. */
export function formatTested(
  { places }: ApiNotificationsTested,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string {
  const width = columns ?? 80;
  if (places.length === 0) {
    return wrap(
      'Nobody is told of anything: CERTKEEPER_NOTIFY is empty. docs/notifications.md says how to write it.',
      '',
      width,
    );
  }
  const rows = places.map(({ place, outcome, seconds }) => [
    clean(place),
    statusWord(outcome, colors),
    seconds.toFixed(2),
  ]);
  return [
    formatTable(['PLACE', 'ANSWER', 'SECONDS'], rows, columns),
    ...places.flatMap(({ problem }) =>
      problem === undefined ? [] : [problemLines(problem, width)],
    ),
  ].join('\n');
}
