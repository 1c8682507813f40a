import type { ApiNotificationsTested } from '../api-notifications.ts';
import { usageError } from '../cli-error.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatTested } from '../show/notifications.ts';

export const addNotify: AddCommand = (program, act) => {
  const command = program
    .command('notify')
    .summary('try whether notifications arrive')
    .description(
      'Sends a test message to every place that CERTKEEPER_NOTIFY names, and says what each answered. Ends with 1 when one did not take it.',
    )
    .option('--test', 'send a test message')
    .addHelpText('after', examples('certkeeper notify --test'));
  act(command, notify);
};

async function notify({ api, output }: Session, { test }: { readonly test?: true }) {
  if (test !== true) {
    throw usageError('Nothing is sent by hand but a test.', 'npx certkeeper notify --test');
  }
  output.progress('Sending a test message to every place …');
  const { body } = await api.send({ method: 'POST', path: '/api/notifications/test', body: {} });
  const tested = body as ApiNotificationsTested; // docs/http-api.md
  output.result(tested, () => formatTested(tested, output));
  return tested.places.every(({ outcome }) => outcome === 'accepted') ? EXIT.done : EXIT.failed;
}
