import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Session } from './session.ts';

/** What a command does; its answer is the exit code. */
export type Action<Args extends readonly unknown[]> = (
  session: Session,
  ...args: Args
) => Promise<ExitCode>;

/** Gives a command its action. The program knows how to open a session and what to do with errors. */
export type Act = <Args extends readonly unknown[]>(command: Command, action: Action<Args>) => void;

/** Adds a command to the program. */
export type AddCommand = (program: Command, act: Act) => void;

export interface WaitOptions {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * For commands that start an operation.
 * @param longest how long is waited unless said
 */
export function addWaitOptions(
  command: Command,
  longest: { readonly milliseconds: number; readonly words: string } = QUARTER_HOUR,
): Command {
  return command
    .option('--no-wait', 'end as soon as it is asked for')
    .addOption(
      new Option('--timeout <span>', 'how long to wait until it is verified, such as 90s or 10m')
        .argParser(readSpan)
        .default(longest.milliseconds, longest.words),
    );
}

const QUARTER_HOUR = { milliseconds: 15 * 60_000, words: '15m' };

/** Gathers an option that may be given several times, or once with commas. */
export function gather(text: string, before: readonly string[] = []): readonly string[] {
  const some = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (some.length === 0) throw new InvalidArgumentError('It is empty.');
  return [...before, ...some];
}

/** A span of time in milliseconds. */
function readSpan(text: string): number {
  const [, number, unit = ''] = /^(\d{1,5})(s|m|h)$/.exec(text) ?? [];
  const seconds = { s: 1, m: 60, h: 3_600 }[unit];
  if (number === undefined || seconds === undefined) {
    throw new InvalidArgumentError('A span is written 90s, 10m or 1h.');
  }
  return Number(number) * seconds * 1_000;
}

/** A whole number in a range, as the parser of an option. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Examples below a command's help. */
export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}
