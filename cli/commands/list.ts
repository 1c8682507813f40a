import { Option } from 'commander';
import type { ApiList } from '../api.ts';
import { usageError } from '../cli-error.ts';
import { examples, gather, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatList } from '../show/list.ts';

interface ListOptions {
  readonly vault?: string;
  readonly service?: string;
  readonly status?: readonly string[];
  readonly expiresBefore?: string;
  readonly search?: string;
  readonly sort?: string;
  readonly limit?: number;
  readonly all?: true;
  readonly csv?: true;
}

const PAGE = 500;

export const addList: AddCommand = (program, act) => {
  const command = program
    .command('list')
    .summary('list the certificates that Certkeeper keeps')
    .description(
      'Lists the certificates that Certkeeper keeps, how they stand and when they expire.',
    )
    .option('--vault <name>', 'only those of a vault')
    .option('--service <name>', 'only bindings to an API Management service')
    .option(
      '--status <list>',
      'only these: failed, blocked, pending, verified, ignored, unbound',
      gather,
    )
    .option('--expires-before <when>', 'a date (2027-01-31) or a time from now (P30D)')
    .option('--search <text>', 'only where it is part of a name, path or thumbprint')
    .addOption(
      new Option('--sort <order>', 'the order; -expires is the other way round').choices([
        ...['name', '-name', 'expires', '-expires', 'status', '-status'],
      ]),
    )
    .option('--limit <number>', 'how many at most', wholeNumber(1, PAGE))
    .option('--all', 'all of them, page by page')
    .option('--csv', 'as CSV, one row a binding')
    .addHelpText(
      'after',
      examples(
        'certkeeper list --status blocked,failed',
        'certkeeper list --sort expires --limit 10',
        'certkeeper list --expires-before P30D --csv > soon.csv',
      ),
    );
  act(command, list);
};

async function list(session: Session, options: ListOptions) {
  const { api, io, output } = session;
  if (options.csv === true && output.json) {
    throw usageError('A list is either JSON or CSV: give --json or --csv.');
  }
  const path = `/api/certificates${toQuery(options)}`;
  if (options.csv === true) {
    const { body } = await api.send({ path, headers: { accept: 'text/csv' } });
    io.stdout.write(String(body));
    return EXIT.done;
  }
  let page = (await api.send({ path })).body as ApiList; // docs/http-api.md
  const certificates = [...page.certificates];
  while (options.all === true && page.next !== undefined) {
    output.progress(`${certificates.length} so far`);
    page = (await api.send({ path: page.next })).body as ApiList;
    certificates.push(...page.certificates);
  }
  const whole: ApiList = {
    certificates,
    ...(page.next === undefined ? {} : { next: page.next }),
  };
  output.result(whole, () => formatList(whole, output, io.now()));
  return EXIT.done;
}

function toQuery(options: ListOptions): string {
  const { vault, service, status, expiresBefore, search, sort } = options;
  const limit = options.limit ?? (options.all === true && options.csv !== true ? PAGE : undefined);
  const wanted = {
    ...{ vault, service, status: status?.join(','), expiresBefore, q: search, sort },
    limit: limit === undefined ? undefined : String(limit),
  };
  const given = Object.entries(wanted).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const query = new URLSearchParams(given).toString();
  return query === '' ? '' : `?${query}`;
}
