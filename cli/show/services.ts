import type { ApiTakenService } from '../api.ts';
import type { Output } from '../output.ts';
import { clean } from './problem.ts';
import { wrap } from './wrap.ts';

/** Who keeps a service now, and who did. */
export function formatTaken(
  { service, installation, from }: ApiTakenService,
  { columns }: Pick<Output, 'columns'>,
): string {
  const now = `${clean(service)} is kept by this installation, ${clean(installation)}.`;
  const before =
    from === undefined
      ? 'No other one kept it.'
      : `${clean(from)} kept it until now, and changes nothing there any more once it has looked: with its next sweep.`;
  return [
    wrap(`${now} ${before}`, '', columns ?? 80),
    'What is behind is seen to by:  npx certkeeper sweep',
  ].join('\n');
}
