import { CommanderError } from 'commander';
import type { Io } from '../../../cli/io.ts';
import { makeProgram } from '../../../cli/program.ts';

/** What is only left out: a sentence may name a command without what it takes. */
const LEFT_OUT = ['commander.missingArgument', 'commander.missingMandatoryOptionValue'];
const SHOWN = ['commander.helpDisplayed', 'commander.help', 'commander.version'];

/**
 * Parses a command line with the command line's own program.
 * @returns `whole` when it could be run, `name` when only arguments are left out; else what is wrong
 */
export async function checkCli(args: readonly string[], io: Io): Promise<string> {
  const program = makeProgram(io, (command) => command.action(() => undefined));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 'whole';
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (SHOWN.includes(error.code)) return 'name';
    return LEFT_OUT.includes(error.code) ? 'name' : error.message;
  }
}
