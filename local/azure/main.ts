/** Runs the simulated Azure alone: `node local/azure/main.ts --port 7072 --state .local`. */
import { parseArgs } from 'node:util';
import { errorCode, errorText } from './core/error-text.ts';
import { startAzure } from './index.ts';

const HELP = `Runs a simulated Azure on this machine.

  --port PORT   port on 127.0.0.1 (7072; 0 takes a free one)
  --state DIR   where its state is kept (.local)
  --help        this text

Addresses are http://127.0.0.1:PORT/{azure host}/{path}, for example
  /management.azure.com/subscriptions?api-version=2022-12-01
  /contoso-kv.vault.azure.net/certificates?api-version=2025-07-01
Any bearer token is good. GET /_local lists the control addresses.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    const azure = await startAzure({
      port: options.port,
      stateDir: options.state,
      log: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(`Simulated Azure at ${azure.url}; state in ${options.state}\n`);
    await interrupted();
    await azure.stop();
    return 0;
  } catch (error) {
    process.stderr.write(
      errorCode(error) === 'EADDRINUSE'
        ? `Port ${options.port} is in use; choose another with --port.\n`
        : `${errorText(error)}\n`,
    );
    return 1;
  }
}

function readOptions(): { port: number; state: string; help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '7072' },
        state: { type: 'string', default: '.local' },
        help: { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { ...values, port };
    process.stderr.write(`--port must be a number from 0 to 65535, not '${values.port}'.\n`);
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
  }
  return undefined;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
