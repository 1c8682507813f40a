/** Public keys of automation by the command line, against a running system. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeClientCertificate } from '../../support/azure/graph-world.ts';
import { runCli } from '../../support/cli.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { findAutomation, type Automation } from '../../support/system/automation.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-cli-'));
let app: AppUnderTest;
let automation: Automation;
beforeAll(async () => {
  app = await startAppUnderTest();
  automation = await findAutomation(app);
});
afterAll(async () => {
  await cleanUpSystems();
  rmSync(folder, { recursive: true, force: true });
});
const cli = (...args: readonly string[]) =>
  runCli(['management', ...args], { cwd: folder, env: { CERTKEEPER_URL: app.system.hostUrl } });

test('A public key is registered, listed with whose it is, and taken away again', async () => {
  const one = await makeClientCertificate('CN=deploy');
  writeFileSync(path.join(folder, 'deploy.cer'), one.der);
  const empty = await cli('list');
  expect(empty).toMatchObject({ code: 0, stderr: '' });
  expect(empty.stdout).toContain('No application under care has a key');

  const added = await cli('add', 'deploy.cer', 'deploy-bot', '-t', automation.target);
  expect(added).toMatchObject({ code: 0 });
  expect(added.stdout).toContain(`attached ${automation.target}`);
  await expect(automation.signsIn(one.pem)).resolves.toBe(true);

  const listed = await cli('list');
  expect(listed.stdout).toContain(one.thumbprint);
  expect(listed.stdout).toContain('for none/deploy-bot');
  expect(Math.max(...listed.stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
    80,
  );

  // There is nobody to ask.
  await expect(cli('remove', 'deploy-bot')).resolves.toMatchObject({ code: 2 });
  const removed = await cli('remove', 'deploy-bot', '--yes');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(removed.stdout).toContain(`removed ${one.thumbprint}`);
  await expect(automation.signsIn(one.pem)).resolves.toBe(false);
});

test('A file with a private key is refused, with a way out', async () => {
  const one = await makeClientCertificate('CN=careless');
  writeFileSync(path.join(folder, 'careless.pem'), one.pem);
  const ended = await cli('add', 'careless.pem', 'deploy-bot', '-t', automation.target);
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stderr).toMatch(/PRIVATE_KEY_PRESENT/);
  expect(ended.stderr).toMatch(/openssl x509/);
});
