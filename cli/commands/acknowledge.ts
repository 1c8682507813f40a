import type { ApiAcknowledged } from '../api-audits.ts';
import { usageError } from '../cli-error.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { clean } from '../show/problem.ts';
import { wrap } from '../show/wrap.ts';

interface AcknowledgeOptions {
  readonly reason?: string;
  readonly until?: string;
  readonly remove?: true;
}

export const addAcknowledge: AddCommand = (program, act) => {
  const command = program
    .command('acknowledge')
    .argument('<finding>', 'the id of a finding, as `certkeeper report` shows it')
    .summary('live with a finding until a day')
    .description(
      'Says that somebody knows of a finding and lives with it until a day. From the next audit on it counts apart, and nobody is told of it.',
    )
    .option('--reason <text>', 'why it may stay as it is; shown with the finding')
    .option('--until <day>', 'the last day on which it counts, such as 2027-03-31')
    .option('--remove', 'take it back: the finding counts again')
    .addHelpText(
      'after',
      examples(
        'certkeeper acknowledge {finding} --until 2027-03-31 --reason "gone in May"',
        'certkeeper acknowledge {finding} --remove',
      ),
    );
  act(command, acknowledge);
};

async function acknowledge(
  { api, output }: Session,
  finding: string,
  { reason, until, remove }: AcknowledgeOptions,
) {
  const path = `/api/findings/${encodeURIComponent(finding)}/acknowledgement`;
  if (remove === true) {
    await api.send({ method: 'DELETE', path });
    output.result({ finding }, () => 'From the next audit on it counts again.');
    return EXIT.done;
  }
  if (reason === undefined || until === undefined) {
    throw usageError('Say why and until when: --reason and --until; or --remove.');
  }
  const { body } = await api.send({ method: 'PUT', path, body: { reason, until } });
  const done = body as ApiAcknowledged; // docs/http-api.md
  output.result(done, () =>
    [
      wrap(clean(done.message), '  ', output.columns ?? 80),
      `Until ${clean(done.until)} it counts apart, from the next audit on.`,
      `Take it back:  npx certkeeper acknowledge ${clean(done.finding)} --remove`,
    ].join('\n'),
  );
  return EXIT.done;
}
