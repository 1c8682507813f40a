import { Option } from 'commander';
import type { ApiReport } from '../api-audits.ts';
import { usageError } from '../cli-error.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { toQuery } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatReport } from '../show/report.ts';
import { writeText } from '../write-text.ts';

interface ReportOptions {
  readonly format?: string;
  readonly output?: string;
  readonly compare?: string;
}

export const addReport: AddCommand = (program, act) => {
  const command = program
    .command('report')
    .argument('[audit]', 'the id of an audit; the latest one unless given')
    .summary('show what an audit found')
    .description(
      'Shows the report of an audit, the gravest findings first; or writes it out in another form.',
    )
    .addOption(
      new Option('--format <form>', 'as it is, for a file or a program').choices([
        ...['json', 'csv', 'findings-csv', 'md', 'html'],
      ]),
    )
    .option('--output <file>', 'write it into a file, in place of what it holds')
    .option('--compare <audit>', 'say what changed since this audit')
    .addHelpText(
      'after',
      examples(
        'certkeeper report',
        'certkeeper report --format html --output report.html',
        'certkeeper report --compare 20261101T050000Z-3f9c1a',
      ),
    );
  act(command, report);
};

async function report(
  { api, io, output }: Session,
  audit: string | undefined,
  { format, output: file, compare }: ReportOptions,
) {
  if (output.json && format !== undefined && format !== 'json') {
    throw usageError(`A report is either JSON or ${format}: give --json or --format.`);
  }
  const form = format ?? (file === undefined ? undefined : 'json');
  const query = toQuery({ format: form ?? 'json', compare });
  const path = `/api/audits/${encodeURIComponent(audit ?? 'latest')}${query}`;
  const { body } = await api.send({ path });
  if (form === undefined) {
    const read = body as ApiReport; // docs/http-api.md
    output.result(read, () => formatReport(read, output));
    return EXIT.done;
  }
  const text = typeof body === 'string' ? body : `${JSON.stringify(body, null, 2)}\n`;
  if (file === undefined) {
    io.stdout.write(text);
    return EXIT.done;
  }
  await writeText(file, text);
  output.result({ file }, () => `The report is in ${file}.`);
  return EXIT.done;
}
