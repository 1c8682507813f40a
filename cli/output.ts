import pc from 'picocolors';
import type { CliError } from './cli-error.ts';
import type { Io } from './io.ts';
import { formatProblem } from './show/problem.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** Where a command's words go. Results go to stdout, everything else to stderr. */
export interface Output {
  /** True: one JSON document on stdout and no words at all. */
  readonly json: boolean;
  readonly colors: Colors;
  /** What a line may take; undefined = as long as it is, since a program reads it. */
  readonly columns: number | undefined;
  /** The result: `value` for programs, `words` for people. */
  result(value: unknown, words: () => string): void;
  /** What is going on, for who watches. Quiet where nobody does. */
  progress(line: string): void;
  /** Something a person should know, although it goes on. */
  warn(line: string): void;
  error(error: CliError): void;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly color: boolean;
  /** Commands that a person is told carry it along; undefined = they find Certkeeper without. */
  readonly address?: string | undefined;
}

export function makeOutput(
  io: Pick<Io, 'env' | 'stdout' | 'stderr'>,
  { json, color, address }: OutputOptions,
): Output {
  const { env, stdout, stderr } = io;
  // https://no-color.org and https://force-color.org
  const wanted = color && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0';
  const colorsFor = (sink: Io['stdout']): Colors =>
    pc.createColors(wanted && (sink.isTerminal || forced));
  const watched = stderr.isTerminal && (env['CI'] ?? '') === '';
  const loud = colorsFor(stderr);
  const told = (text: string): string =>
    address === undefined
      ? text
      : text.replace(COMMAND, (command) => `${command} --url ${address}`);
  return {
    json,
    colors: colorsFor(stdout),
    columns: stdout.isTerminal ? (stdout.columns ?? 80) : undefined,
    result(value, words) {
      stdout.write(`${json ? JSON.stringify(value, null, 2) : told(words())}\n`);
    },
    progress(line) {
      if (!json && watched) stderr.write(`${loud.dim(told(line))}\n`);
    },
    warn(line) {
      stderr.write(`${loud.yellow('Warning:')} ${told(line)}\n`);
    },
    error({ problem }) {
      if (json) stdout.write(`${JSON.stringify({ error: problem }, null, 2)}\n`);
      else stderr.write(`${told(formatProblem(problem, loud, stderr.columns ?? 80))}\n`);
    },
  };
}

/** What a command begins with, also where a line was broken within it. */
const COMMAND = /\bnpx\s+certkeeper(?=\s)/g;
