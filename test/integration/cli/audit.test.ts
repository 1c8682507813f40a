/** An audit by the command line: made, read, kept in a file, and lived with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli, type Ended } from '../../support/cli.ts';
import { exportPkcs12, makeAuthorities } from '../../support/openssl/upload-files.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import { signedIn } from '../../support/system/signed-in.ts';

jest.setTimeout(240_000);
const folder = mkdtempSync(path.join(tmpdir(), 'audit-'));
let app: AppUnderTest;
let token: string;
beforeAll(async () => {
  app = await startAppUnderTest({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
  });
  const { headers } = await signedIn(app.system, 'Manage');
  token = headers.authorization.replace('Bearer ', '');
});
afterAll(async () => {
  await cleanUpSystems();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (...args: readonly string[]): Promise<Ended> =>
  runCli(args, { env: { CERTKEEPER_URL: app.system.hostUrl, CERTKEEPER_TOKEN: token } });

/** A certificate whose issuer is known to nobody. */
function fileWithoutChain(): string {
  const openssl = openOpenssl();
  try {
    makeAuthorities(openssl);
    openssl.write('chain.pem', openssl.read('intermediate.crt'));
    const file = path.join(folder, 'api.pfx');
    writeFileSync(file, exportPkcs12(openssl, 'rsa', '', []));
    return file;
  } finally {
    openssl.close();
  }
}

test('An upload without its chain is found, kept in a file, and acknowledged', async () => {
  const uploaded = await cli('upload', fileWithoutChain(), 'contoso-kv/api', '-t', 'contoso-gw');
  expect(uploaded).toMatchObject({ code: 0 });
  const audited = await cli('audit');
  expect(audited).toMatchObject({ code: 0, stderr: '' });
  expect(audited.stdout).toContain('(CHAIN_BROKEN)');
  const id = /chain-broken-[0-9a-f]+/.exec(audited.stdout)?.[0] ?? '';

  const words = ['--reason', 'Its clients know the issuer.', '--until', '2027-03-31'];
  expect(await cli('acknowledge', id, ...words)).toMatchObject({ code: 0, stderr: '' });
  const again = await cli('audit');
  expect(again.stdout).not.toContain('(CHAIN_BROKEN)');
  expect(again.stdout).toContain('1 finding acknowledged.');

  const listed = await cli('audits', '--json');
  const { audits } = JSON.parse(listed.stdout) as { audits: { id: string }[] };
  expect(audits).toHaveLength(2);
  const first = audits[1]?.id ?? '';

  const file = path.join(folder, 'report.html');
  expect(await cli('report', first, '--format', 'html', '--output', file)).toMatchObject({
    ...{ code: 0, stderr: '', stdout: `The report is in ${file}.\n` },
  });
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
  expect((await cli('report', '--format', 'findings-csv')).stdout).toMatch(/^id,severity,code,/);
  expect((await cli('report', '--compare', first)).code).toBe(0);
});

test('What is not there is said, with the exit code of a refusal', async () => {
  expect(await cli('report', '20200101T000000Z-000000')).toMatchObject({ code: 1 });
  const unknown = await cli('acknowledge', 'nothing-0', '--reason', 'x', '--until', '2027-03-31');
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr).toContain('The latest report has no finding nothing-0.');
});
