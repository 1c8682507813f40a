/**
 * Every script in the documents, and every command in their sentences that is whole, typed as a
 * reader would, in the order of the pages, against one running system. What only needs parsing is
 * in test/unit/docs/commands.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { APP_ROLES } from '../../../local/app-roles.ts';
import { checkCli } from '../../support/docs/check-cli.ts';
import { fillIn, PASSWORD } from '../../support/docs/fill-in.ts';
import { CHECKED, RUN } from '../../support/docs/programs.ts';
import { linesOf, readDocuments, readTold, type Told } from '../../support/docs/read-documents.ts';
import { makeShell, type Shell } from '../../support/docs/shell.ts';
import { wordsOf } from '../../support/docs/words-of.ts';
import { makeFakeIo } from '../../support/fake-io.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems, stateFolder } from '../../support/system/running-system.ts';

jest.setTimeout(300_000);

/** Lines that cannot be run here, and why; they are parsed all the same. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'npx certkeeper undo 8204178676087-0a0e402a61c6 --recover':
    'nothing is removed before a grace of days: test/integration/cli/cleanups.test.ts undoes one',
  'npx certkeeper undo {cleanup}': 'the same',
  'npx certkeeper approve {vault}/{name}':
    'nothing is held: test/integration/app/held-versions.test.ts approves what is',
};
/** Lines that end otherwise than with 0, as the text beside them says. */
const ENDS_WITH: Readonly<Record<string, number>> = {
  // Who may only read starts no sweep: curl's code for a refusal.
  [`TOKEN=$(curl -s 'http://127.0.0.1:7071/.auth/token?roles=Certkeeper.Read')
curl -H "authorization: Bearer $TOKEN" -X POST http://127.0.0.1:7071/api/sweeps`]: 22,
};
/** Commands that ask whoever sits at a terminal; nobody does here. */
const ASKING = /^npx certkeeper (?:ca remove|detach|services take|undo) /;

let app: AppUnderTest;
let shell: Shell;
beforeAll(async () => {
  app = await startAppUnderTest({
    signIn: { roles: APP_ROLES, as: { name: 'Reader', roles: APP_ROLES } },
  });
  const folder = path.join(stateFolder(), 'reader');
  mkdirSync(folder);
  const roles = APP_ROLES.join(',');
  const token = await fetch(`${app.system.hostUrl}/.auth/token?roles=${roles}&name=Reader`);
  shell = makeShell(folder, {
    CERTKEEPER_URL: app.system.hostUrl,
    CERTKEEPER_PFX_PASSWORD: PASSWORD,
    PLAYED: (await token.text()).trim(),
  });
  makeFiles(folder);
});
afterAll(cleanUpSystems);

const told = readDocuments().flatMap((one) => readTold(one, [...RUN, ...Object.keys(CHECKED)]));

/** The lines of it that are run here. */
async function runnable({ text, form }: Told): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const line of linesOf(text)) {
    if (LEFT_OUT[line] !== undefined) continue;
    const [program = '', , ...args] = wordsOf(line);
    // A sentence may name a command without what it takes.
    if (form === 'sentence') {
      if (!RUN.includes(program) || args.includes('…')) continue;
      if (program === 'npx' && (await checkCli(args, makeFakeIo())) !== 'whole') continue;
    }
    lines.push(ASKING.test(line) ? `${line} --yes` : line);
  }
  return lines;
}

/** What each script printed. */
const printed = new Map<string, string>();

it('does what it says', async () => {
  const failed: string[] = [];
  const ran = new Set<string>();
  for (const one of told) {
    const lines = await runnable(one);
    // What a page has run stands in the sentences of others.
    if (lines.every((line) => ran.has(line))) continue;
    for (const line of lines) ran.add(line);
    const script = lines.join('\n');
    const { code, stdout, stderr } = await shell.run(await fillIn(script, app));
    printed.set(script, stdout);
    // What one page breaks on purpose is no trouble of the next.
    await app.wire.send(`${app.system.azureUrl}/_local/faults`, 'DELETE');
    const expected = ENDS_WITH[one.text] ?? 0;
    if (code === expected) continue;
    const where = `${one.document}:${String(one.line)}`;
    failed.push(
      `${where} ended with ${String(code)}, not ${String(expected)}:\n${script}\n` +
        `${stdout.slice(-600)}${stderr.slice(-600)}`,
    );
  }
  expect(failed.join('\n\n')).toBe('');
});

it("rotates the reader's own certificate, as the README has it", () => {
  const [, output = ''] = [...printed].find(([script]) => script.includes('renewed.pfx')) ?? [];
  const [, thumbprint = 'none'] = /Fingerprint=([0-9A-F]{40})/i.exec(output) ?? [];
  expect(output).toMatch(/^contoso-kv\/mine {2}verified$/m);
  expect(output).toMatch(new RegExp(`"thumbprint": ?"${thumbprint}"`, 'i'));
});

it('leaves nothing out that is not told any more', () => {
  const lines = told.flatMap(({ text }) => linesOf(text));
  for (const one of Object.keys(LEFT_OUT)) expect(lines).toContain(one);
  for (const one of Object.keys(ENDS_WITH)) expect(told.map(({ text }) => text)).toContain(one);
});

it('asks programs that are not here for what they have', () => {
  const calls = shell.calls();
  expect(calls.length).toBeGreaterThan(5);
  const wrong = calls.flatMap(([program = '', ...args]) => CHECKED[program]?.(args) ?? []);
  expect(wrong).toEqual([]);
});

/** The files that the documents name. */
function makeFiles(folder: string): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const make = (name: string, subject: string, ...more: string[]): void => {
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '300', '-subj', subject],
      ...[...more, '-keyout', `${name}.key`, '-out', `${name}.cer`],
    );
  };
  const names = {
    orders: 'orders',
    next: 'orders',
    checkout: 'checkout',
    new: 'checkout',
  };
  for (const [file, name] of Object.entries(names)) {
    const host = `${name}.contoso.com`;
    make(file, `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`);
    openssl(
      ...['pkcs12', '-export', '-inkey', `${file}.key`, '-in', `${file}.cer`],
      ...['-out', `${file}.pfx`, '-passout', `pass:${PASSWORD}`],
    );
  }
  make('deploy', '/CN=deploy-bot');
  make('root', '/CN=Reader Root', '-addext', 'basicConstraints=critical,CA:TRUE');
  openssl('crl2pkcs7', '-nocrl', '-certfile', 'root.cer', '-out', 'chain.p7b');
  openssl('x509', '-in', 'root.cer', '-out', 'roots.pem');
}
