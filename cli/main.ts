/** `npx certkeeper`: a small command line for people, over the HTTP API. */
import { runCli } from './program.ts';
import { makeTerminal } from './terminal.ts';

// Whoever reads our output may have seen enough: `certkeeper list | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), makeTerminal());
