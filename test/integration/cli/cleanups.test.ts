/** What is removed and rewritten, and how it is undone, by the command line against a running system. */
import { runCli, type Ended } from '../../support/cli.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { documentsOf, policyThatPresents } from '../../support/system/documents.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { signedIn } from '../../support/system/signed-in.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

const TARGET = 'contoso-gw/certificates/orders';
let app: AppUnderTest;
let token: string;
beforeAll(async () => {
  app = await startAppUnderTest({
    signIn: {
      roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'],
      as: { name: 'Ada', roles: ['Certkeeper.Read', 'Certkeeper.Upload'] },
    },
    settings: {
      ...{ CERTKEEPER_CLEANUP: 'remove', CERTKEEPER_CLEANUP_GRACE: '5s' },
      ...{ CERTKEEPER_REPAIR_REFERENCES: 'repair', CERTKEEPER_USAGE_MAX_AGE: '0s' },
    },
  });
  const { headers } = await signedIn(app.system, 'Manage');
  token = headers.authorization.replace('Bearer ', '');
});

const cli = (...args: readonly string[]): Promise<Ended> =>
  runCli(args, { env: { CERTKEEPER_URL: app.system.hostUrl, CERTKEEPER_TOKEN: token } });
const json = ({ stdout }: Ended): Record<string, unknown> =>
  // The command line's own document.
  JSON.parse(stdout) as Record<string, unknown>;

async function inPlace(name: string): Promise<string> {
  const pfx = makePfx(`${name}.contoso.com`);
  await app.wire.importVersion('contoso-kv', name, pfx);
  const bound = await cli('bind', `contoso-kv/${name}`, '-t', 'contoso-gw');
  expect(bound).toMatchObject({ code: 0, stderr: '' });
  return pfx.thumbprint;
}

test('A certificate is deleted, swept away after its grace, listed, and undone', async () => {
  await inPlace('orders');
  await app.wire.send(app.wire.vault('contoso-kv', '/certificates/orders'), 'DELETE');

  const dry = await cli('sweep', '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toMatch(/contoso-kv\/orders +contoso-gw\/certificates\/orders +report/);
  expect(json(await cli('orphans', 'list', '--json'))).toEqual({ orphans: [] });

  // One that is running already has looked before the certificate was gone.
  const orphaned = await eventually(
    async () => {
      expect(await cli('sweep')).toMatchObject({ code: 0, stderr: '' });
      return await cli('orphans', 'list');
    },
    ({ stdout }) => stdout.includes('1 orphaned target.'),
  );
  expect(orphaned.stdout).toContain(`${TARGET}\n  of contoso-kv/orders, deleted in its vault`);
  await expect(cli('show', 'contoso-kv/orders')).resolves.toMatchObject({
    stdout: expect.stringContaining('Orphaned: the certificate is gone (UTC)') as string,
  });
  await expect(cli('list')).resolves.toMatchObject({
    stdout: expect.stringMatching(/contoso-kv\/orders .* 1 orphaned/) as string,
  });

  const swept = await eventually(
    () => cli('sweep', '--json'),
    (ended) => (json(ended)['removed'] as unknown[]).length > 0,
  );
  const [removed] = json(swept)['removed'] as { id: string; target: string }[];
  expect(removed?.target).toBe(TARGET);
  const id = removed?.id ?? '';
  await expect(app.targetThumbprint('contoso-gw', 'orders')).resolves.toBeUndefined();

  const listed = await cli('cleanups', '--service', 'contoso-gw', '--status', 'removed');
  expect(listed.stdout).toContain(`${id}  removed`);
  expect(listed.stdout).toContain(`npx certkeeper undo ${id} --recover`);

  await expect(cli('undo', id)).resolves.toMatchObject({ code: 2 });
  const refused = await cli('undo', id, '--yes');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/Ask again with --recover[^]*CERTIFICATE_DELETED/);

  const undone = await cli('undo', id, '--recover', '--yes');
  expect(undone).toMatchObject({ code: 0, stderr: '' });
  expect(undone.stdout).toContain(`contoso-kv/orders is bound to ${TARGET} again.`);
  expect(undone.stdout).toMatch(/contoso-gw\/certificates\/orders +attached/);
  await expect(app.targetThumbprint('contoso-gw', 'orders')).resolves.toBeDefined();
  expect(json(await cli('cleanups', '--json'))).toMatchObject({
    cleanups: [{ id, status: 'undone' }],
  });
});

test('A policy is rewritten for a rotation, listed, and put back', async () => {
  const documents = documentsOf(app.wire);
  const thumbprint = await inPlace('partner');
  const old = policyThatPresents(`thumbprint="${thumbprint}"`);
  await documents.api('partner');
  await documents.policy('apis/partner/policies/policy', old);
  await cli('sweep');
  await cli('sweep');

  await app.wire.importVersion('contoso-kv', 'partner', makePfx('partner.contoso.com'));
  const listed = await eventually(
    async () => {
      await cli('sync', 'contoso-kv/partner');
      return json(await cli('repairs', '--certificate', 'contoso-kv/partner', '--json'));
    },
    ({ repairs }) => (repairs as unknown[]).length > 0,
  );
  expect(listed).toMatchObject({ repairs: [{ status: 'repaired' }] });
  const [{ id } = { id: '' }] = listed['repairs'] as { id: string }[];
  await expect(documents.text('apis/partner/policies/policy')).resolves.toContain('certificate-id');

  const undone = await cli('undo', id, '--yes');
  expect(undone).toMatchObject({ code: 0, stderr: '' });
  expect(undone.stdout).toMatch(/^contoso-gw\/apis\/partner\/policies\/policy refers by the/);
  await expect(documents.text('apis/partner/policies/policy')).resolves.toBe(old);
  const twice = await cli('undo', id, '--yes', '--json');
  expect(twice.code).toBe(1);
  expect(json(twice)).toMatchObject({ error: { code: 'REPAIR_ENDED' } });
});

test('Nothing that is in doubt is a sentence, and a service that is not there a refusal', async () => {
  const none = await cli('orphans', 'confirm', 'contoso-gw', '--yes');
  expect(none).toMatchObject({ code: 0, stderr: '' });
  expect(none.stdout).toContain('Nothing at contoso-gw was in doubt');
  const unknown = await cli('orphans', 'confirm', 'nowhere-gw', '--yes', '--json');
  expect(unknown.code).toBe(1);
  expect(json(unknown)).toMatchObject({ error: { code: 'SERVICE_NOT_CONFIGURED' } });
});

test('Forcing, confirming and undoing take a role, which the refusal names', async () => {
  const { headers } = await signedIn(app.system, 'Upload');
  const env = {
    CERTKEEPER_URL: app.system.hostUrl,
    CERTKEEPER_TOKEN: headers.authorization.replace('Bearer ', ''),
  };
  for (const args of [
    ['undo', '8204178676087-0a0e402a61c6'],
    ['undo', '8204178700598-6f686f4e6acba3e4'],
    ['orphans', 'confirm', 'contoso-gw'],
    ['detach', 'contoso-kv/partner', '-t', 'contoso-gw', '--force'],
  ]) {
    const ended = await runCli([...args, '--yes'], { env });
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(/Certkeeper\.Manage[^]*ROLE_MISSING/);
  }
});

test('Every help text fits 80 columns and shows an example', async () => {
  for (const args of [
    ...[['sweep'], ['orphans'], ['cleanups'], ['repairs'], ['undo'], ['detach'], ['approve']],
    ...[
      ['orphans', 'list'],
      ['orphans', 'confirm'],
    ],
  ]) {
    const { code, stdout } = await cli(...args, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:\n  $ certkeeper ');
    for (const line of stdout.split('\n')) expect([line, line.length <= 80]).toEqual([line, true]);
  }
});
