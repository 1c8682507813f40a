/** CA certificates by the command line against a running system. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli, type Ended } from '../../support/cli.ts';
import { makeIssued, makeRoot } from '../../support/openssl/ca-files.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import {
  cleanUpSystems,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(180_000);

const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-cli-ca-'));
let openssl: Openssl;
let system: RunningSystem;
beforeAll(async () => {
  openssl = openOpenssl();
  system = await startTestSystem();
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (...args: readonly string[]): Promise<Ended> =>
  runCli(['ca', ...args], { cwd: folder, env: { CERTKEEPER_URL: system.hostUrl } });

test('From a bundle with its key to the service’s list, and out of it again', async () => {
  const root = makeRoot(openssl, 'contoso-root');
  makeIssued(openssl, root, 'contoso-issuing');
  const names = ['contoso-issuing.pem', 'contoso-root.pem', 'contoso-root.key'];
  const bundle = Buffer.concat(names.map((name) => openssl.read(name)));
  writeFileSync(path.join(folder, 'chain.pem'), bundle);

  const added = await cli('add', 'contoso-gw', 'chain.pem');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toContain('it was dropped unread. (PRIVATE_KEY_DROPPED)');
  expect(added.stdout).toMatch(
    /contoso-gw: succeeded\.\nThe service lists what it should, and that was checked\.\n$/,
  );

  const again = await cli('add', 'contoso-gw', 'chain.pem');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toContain('contoso-gw holds them already; nothing is updated.');

  const listed = await cli('list', 'contoso-gw');
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout).toContain('contoso-gw holds 2 of at most 10 CA certificates.');
  const place = /Root\/[0-9A-F]{40}/.exec(listed.stdout)?.[0] ?? '';

  expect(await cli('remove', 'contoso-gw', place)).toMatchObject({ code: 2 });
  const removed = await cli('remove', 'contoso-gw', place, '--yes');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(removed.stdout).toMatch(/may be needed by the CA\s+certificate CertificateAuthority\//);
  const left = JSON.parse((await cli('list', 'contoso-gw', '--json')).stdout) as {
    entries: { store: string }[];
  };
  expect(left.entries.map(({ store }) => store)).toEqual(['CertificateAuthority']);
});

test.each([
  ['a place that is none', ['remove', 'contoso-gw', 'Root/abc', '--yes'], 2],
  ['a file that is not there', ['add', 'contoso-gw', 'nothing.cer'], 2],
  ['a service that is not under care', ['list', 'other-gw'], 1],
])('%s is refused', async (_, args, code) => {
  expect(await cli(...args)).toMatchObject({ code, stdout: '' });
});
