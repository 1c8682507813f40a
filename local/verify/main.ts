/** `npm run verify:azure`. */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../console/options.ts';
import { onStopSignal } from '../console/stop-signals.ts';
import { wrap } from '../console/wrap.ts';
import { readCommand, USAGE } from './options.ts';
import { count, type Outcome, type Report } from './outcome.ts';
import { CannotRun } from './prepare.ts';
import type { Area } from './question.ts';
import { AREAS } from './questions/index.ts';
import { verify, type Console } from './verify.ts';

const EXIT_STOPPED = 130;

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args, AREAS, process.env);
  if (command.kind === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command.kind === 'list') {
    process.stdout.write(toList(command.areas));
    return 0;
  }
  const stop = new AbortController();
  onStopSignal(
    () => {
      say('Stopping: what was made is being removed. Once more leaves it behind.');
      stop.abort();
    },
    () => process.exit(EXIT_STOPPED),
  );
  const { options } = command;
  const terminal = makeTerminal(options.subject !== undefined && options.allowed.has('slow'));
  const report = await verify(options, terminal, stop.signal).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined;
    throw error;
  });
  if (report === undefined) return EXIT_STOPPED;
  process.stdout.write(toSummary(report));
  if (options.output !== undefined) say(`Report: ${options.output}/verify-azure.md and .json`);
  if (stop.signal.aborted) return EXIT_STOPPED;
  const asked = report.outcomes.length - count(report, 'not asked');
  return asked === 0 || (options.strict && count(report, 'different') > 0) ? 1 : 0;
}

/** @param slow whether what takes long really does, and is asked */
const makeTerminal = (slow: boolean): Console => ({
  say: (line) => say(line),
  begin({ id, needs = [] }, number, of) {
    const long = slow && needs.includes('slow') ? '(up to an hour) ' : '';
    process.stderr.write(`[${number}/${of}] ${id} … ${long}`);
  },
  end: ({ verdict, answer, assumed }) =>
    say(verdict === 'different' ? `different: ${answer ?? ''} (assumed: ${assumed})` : verdict),
  async confirm(question) {
    if (!process.stdin.isTTY) return false;
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await lines.question(`${question} [y/N] `);
    lines.close();
    return /^y(es)?$/i.test(answer.trim());
  },
});

function toSummary(report: Report): string {
  const different = report.outcomes.filter(({ verdict }) => verdict === 'different');
  const notAsked = report.outcomes.filter(({ verdict }) => verdict === 'not asked');
  const where = report.against === 'azure' ? 'Azure' : 'The simulated Azure';
  return [
    '',
    `${where}: ${count(report, 'same')} the same, ${different.length} different, ${notAsked.length} not asked.`,
    ...different.flatMap((one) => [
      ...['', `different: ${one.title}`, `  answer   ${one.answer ?? ''}`],
      `  assumed  ${one.assumed}${one.setting === undefined ? '' : `  (${one.setting})`}`,
    ]),
    ...[...groupByReason(notAsked)].flatMap(([why, ids]) => [
      ...['', 'not asked:', wrap(ids.join(', '), '  '), wrap(why, '  ')],
    ]),
    ...(report.left.length === 0
      ? ['', 'Nothing was left behind.']
      : ['', 'LEFT BEHIND:', ...report.left.map((line) => wrap(line, '  '))]),
    '',
  ].join('\n');
}

function groupByReason(outcomes: readonly Outcome[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { why = '', id } of outcomes) groups.set(why, [...(groups.get(why) ?? []), id]);
  return groups;
}

function toList(areas: readonly Area[]): string {
  return areas
    .map(({ name, questions }) =>
      [
        name,
        ...questions.map(({ id, title, needs = [] }) => {
          const options = needs.map((one) => ` --${one}`).join('');
          return `  ${id}${options}\n${wrap(title, '      ')}`;
        }),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof CannotRun)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
