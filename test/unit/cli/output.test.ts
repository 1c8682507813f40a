import { CliError } from '../../../cli/cli-error.ts';
import { EXIT } from '../../../cli/exit-codes.ts';
import { makeOutput, type OutputOptions } from '../../../cli/output.ts';
import { runCli } from '../../../cli/program.ts';
import { jsonAnswer, makeFakeApi, makeFakeIo } from '../../support/fake-io.ts';

const ADDRESS = 'http://127.0.0.1:7571';
const COMMAND = 'npx certkeeper show contoso-kv/a';

function say(some: Partial<OutputOptions>) {
  const io = makeFakeIo({ terminal: true, env: { NO_COLOR: '1' } });
  const output = makeOutput(io, { json: false, color: false, ...some });
  output.result({ cure: COMMAND }, () => `See:  ${COMMAND}`);
  output.progress(`Look: ${COMMAND}`);
  output.warn('See npx\ncertkeeper usage, or certkeeper.');
  output.error(new CliError({ message: 'No.', cure: `See: ${COMMAND}` }, EXIT.failed));
  return io.written;
}

describe('A command that a person is told', () => {
  test('reaches the address that was given', () => {
    const { stdout, stderr } = say({ address: ADDRESS });
    const whole = `npx certkeeper --url ${ADDRESS} show contoso-kv/a`;
    expect(stdout).toBe(`See:  ${whole}\n`);
    expect(stderr).toContain(`Look: ${whole}\n`);
    expect(stderr).toContain(`What to do: See: ${whole}\n`);
    expect(stderr).toContain(`See npx\ncertkeeper --url ${ADDRESS} usage, or certkeeper.\n`);
  });

  test('is as it is where none was given, and for programs', () => {
    expect(say({}).stdout).toBe(`See:  ${COMMAND}\n`);
    const { stdout } = say({ address: ADDRESS, json: true });
    expect(stdout).toContain(COMMAND);
    expect(stdout).not.toContain(ADDRESS);
  });

  const ANSWERS = { 'GET /api/audits?limit=30': () => jsonAnswer({ audits: [] }) };

  test('carries no key and no token along', async () => {
    const io = makeFakeApi(ANSWERS);
    const secrets = ['--key', 'secret-key', '--token', 'secret-token'];
    expect(await runCli(['--url', `${ADDRESS}/api/`, ...secrets, 'audits'], io)).toBe(0);
    expect(io.written.stdout).toBe(
      `No audit has been made yet:  npx certkeeper --url ${ADDRESS} audit\n`,
    );
  });

  test('leaves to the environment what came from there', async () => {
    const io = makeFakeApi(ANSWERS, { env: { CERTKEEPER_URL: ADDRESS } });
    expect(await runCli(['audits'], io)).toBe(0);
    expect(io.written.stdout).toBe('No audit has been made yet:  npx certkeeper audit\n');
  });

  test('never repeats what is secret in an address that cannot be used', async () => {
    const io = makeFakeIo();
    expect(await runCli(['--url', 'https://me:secret@a.test', 'list'], io)).toBe(2);
    expect(io.written.stderr).not.toContain('secret');
  });
});
