import { Option } from 'commander';
import type { ApiList } from '../api.ts';
import { usageError } from '../cli-error.ts';
import { examples, gather, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readPages, toQuery } from '../read-pages.ts';
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

/** How many without more being said, and how many at most. */
const USUAL = 50;
const MOST = 500;

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
    .option('--limit <number>', 'how many at most', wholeNumber(1, MOST))
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
  const path = `/api/certificates${queryOf(options)}`;
  if (options.csv === true) {
    const { body } = await api.send({ path, headers: { accept: 'text/csv' } });
    io.stdout.write(String(body));
    return EXIT.done;
  }
  const limit = options.all === true ? Infinity : (options.limit ?? USUAL);
  const { items, next } = await readPages(
    session,
    path,
    (body) => {
      const page = body as ApiList; // docs/http-api.md
      return { items: page.certificates, next: page.next };
    },
    { limit },
  );
  const whole: ApiList = { certificates: items, ...(next === undefined ? {} : { next }) };
  output.result(whole, () => formatList(whole, output, io.now()));
  return EXIT.done;
}

function queryOf(options: ListOptions): string {
  const { vault, service, status, expiresBefore, search, sort, limit } = options;
  return toQuery({
    ...{ vault, service, status: status?.join(','), expiresBefore, q: search, sort },
    limit: options.csv === true && limit !== undefined ? String(limit) : undefined,
  });
}
