/** Changes by the command line against a running system: from a file to verified, and back. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli, type CliOptions, type Ended } from '../../support/cli.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-cli-'));
let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(async () => {
  await cleanUpSystems();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (args: readonly string[], options: CliOptions = {}): Promise<Ended> =>
  runCli(args, {
    cwd: folder,
    ...options,
    env: { CERTKEEPER_URL: app.system.hostUrl, ...options.env },
  });
const json = ({ stdout }: Ended): Record<string, unknown> =>
  // The command line's own document.
  JSON.parse(stdout) as Record<string, unknown>;

/** A .pfx and its password in files of the test's folder, which is where the commands run. */
function pfxFile(name: string, subject: string) {
  const pfx = makePfx(subject);
  writeFileSync(path.join(folder, `${name}.pfx`), Buffer.from(pfx.value, 'base64'));
  writeFileSync(path.join(folder, `${name}.password`), `${pfx.password}\n`);
  return { ...pfx, args: [`${name}.pfx`, '--password-file', `${name}.password`] };
}
const at = (where: string, thumbprint: string) =>
  expect.objectContaining({ target: where, thumbprint }) as unknown;

test('From a file to verified, rotated by the next one, and rolled back, at a service and in a workspace', async () => {
  const targets = [
    'contoso-gw/certificates/by-hand',
    'contoso-gw/workspaces/team-a/certificates/by-hand',
  ];
  const first = pfxFile('first', 'by-hand.contoso.com');
  const uploaded = await cli([
    'upload',
    ...first.args,
    ...['contoso-kv/by-hand', '--tag', 'team=api', '--tag', 'note=a=b', '--json'],
    ...['-t', 'contoso-gw', '-t', 'contoso-gw/workspaces/team-a'],
  ]);
  expect(uploaded).toMatchObject({ code: 0, stderr: '' });
  expect(json(uploaded)).toMatchObject({
    imported: true,
    understood: { subject: 'CN=by-hand.contoso.com', thumbprint: first.thumbprint },
    result: { state: 'succeeded' },
  });
  expect(json(uploaded)['result']).toMatchObject({
    targets: targets.map((target) => at(target, first.thumbprint)),
  });
  await expect(app.targetThumbprint('contoso-gw', 'by-hand')).resolves.toBe(first.thumbprint);

  const second = pfxFile('second', 'by-hand.contoso.com');
  const renewed = await cli(['upload', ...second.args, 'contoso-kv/by-hand', '--new-version']);
  expect(renewed).toMatchObject({ code: 0, stderr: '' });
  expect(renewed.stdout).toMatch(/^contoso-kv\/by-hand has a new version, [0-9a-f]{32}\.\n/);
  expect(renewed.stdout).toMatch(/succeeded\.\nEvery target holds it, and that was checked\.\n$/);
  await expect(app.targetThumbprint('contoso-gw', 'by-hand')).resolves.toBe(second.thumbprint);

  const back = await cli(['rollback', 'contoso-kv/by-hand']);
  expect(back).toMatchObject({ code: 0, stderr: '' });
  expect(back.stdout.replace(/\s+/g, ' ')).toMatch(/holds what was version [0-9a-f]{32} again/);
  await expect(app.targetThumbprint('contoso-gw', 'by-hand')).resolves.toBe(first.thumbprint);

  const shown = json(await cli(['show', 'contoso-kv/by-hand', '--json']));
  expect(shown).toMatchObject({ status: 'verified', thumbprint: first.thumbprint });
  expect(shown['versions']).toHaveLength(3);
  const acts = (shown['history'] as { what: string }[]).map(({ what }) => what);
  expect(acts).toEqual(expect.arrayContaining(['upload', 'rollback', 'sync']));
  const { body } = await app.wire.send(app.wire.vault('contoso-kv', '/certificates/by-hand'));
  expect(body).toMatchObject({ tags: { team: 'api', note: 'a=b' } });
});

describe('A file that cannot be used', () => {
  test('for its password says how to give another, and never shows the one that was given', async () => {
    const { args } = pfxFile('locked', 'locked.contoso.com');
    const env = { CERTKEEPER_PFX_PASSWORD: 'a-wrong-marker' };
    for (const ended of [
      await cli(['upload', args[0] ?? '', 'contoso-kv/locked'], { env }),
      await cli(['upload', args[0] ?? '', 'contoso-kv/locked', '--password', 'a-wrong-marker']),
    ]) {
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toContain('PASSWORD_WRONG');
      expect(ended.stderr).toContain('--password-file');
      expect(ended.stderr).not.toContain('a-wrong-marker');
    }
  });

  test('for want of a key is refused, and leaves nothing behind', async () => {
    pfxFile('whole', 'public.contoso.com');
    execFileSync(
      'openssl',
      [
        ...['pkcs12', '-in', 'whole.pfx', '-passin', 'file:whole.password', '-nokeys'],
        ...['-out', 'public.pem'],
      ],
      { cwd: folder, stdio: 'pipe' },
    );
    expect(readFileSync(path.join(folder, 'public.pem'), 'utf8')).not.toContain('PRIVATE');
    const ended = await cli(['upload', 'public.pem', 'contoso-kv/public', '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(json(ended)).toMatchObject({ error: { code: 'PRIVATE_KEY_MISSING' } });
    await expect(cli(['show', 'contoso-kv/public'])).resolves.toMatchObject({ code: 1 });
  });
});

test('A service that is not under care is refused with 1, before anything is imported', async () => {
  const { args } = pfxFile('refused', 'refused.contoso.com');
  const ended = await cli(['upload', ...args, 'contoso-kv/refused', '-t', 'nowhere-gw', '--json']);
  expect(ended.code).toBe(1);
  expect(json(ended)).toMatchObject({ error: { code: 'SERVICE_NOT_CONFIGURED', status: 404 } });
  await expect(cli(['show', 'contoso-kv/refused'])).resolves.toMatchObject({ code: 1 });
});

test('A roll-back to a version that there never was is refused', async () => {
  const ended = await cli(['rollback', 'contoso-kv/gateway-client', '--to', 'nonsense', '--json']);
  expect(ended.code).toBe(1);
  expect(json(ended)).toMatchObject({ error: { code: 'VERSION_NOT_FOUND' } });
});

test('A certificate is bound to one more target, and taken away from it again', async () => {
  const { args } = pfxFile('moved', 'moved.contoso.com');
  await expect(cli(['upload', ...args, 'contoso-kv/moved'])).resolves.toMatchObject({ code: 0 });
  const target = 'contoso-gw/certificates/moved';

  const bound = await cli(['bind', 'contoso-kv/moved', '-t', 'contoso-gw', '--json']);
  expect(bound).toMatchObject({ code: 0, stderr: '' });
  expect(json(bound)).toMatchObject({ result: { targets: [{ target, outcome: 'attached' }] } });

  const planned = await cli(['detach', 'contoso-kv/moved', '-t', 'contoso-gw', '--dry-run']);
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  expect(planned.stdout).toMatch(/contoso-gw\/certificates\/moved\s+is taken away there/);
  expect(planned.stdout).toMatch(/\nNothing was changed\.\n$/);
  await expect(app.wire.apimCertificate('contoso-gw', 'moved')).resolves.toBeDefined();

  const unasked = await cli(['detach', 'contoso-kv/moved', '-t', 'contoso-gw']);
  expect(unasked.code).toBe(2);
  await expect(app.wire.apimCertificate('contoso-gw', 'moved')).resolves.toBeDefined();

  const detached = await cli(['detach', 'contoso-kv/moved', '-t', 'contoso-gw', '--yes']);
  expect(detached).toMatchObject({ code: 0, stderr: '' });
  expect(detached.stdout).toMatch(/contoso-gw\/certificates\/moved\s+removed/);
  expect(detached.stdout).toContain('It is bound to no target now.');
  await expect(app.wire.apimCertificate('contoso-gw', 'moved')).resolves.toBeUndefined();
});

test('What is not bound cannot be detached', async () => {
  const args = ['detach', 'contoso-kv/gateway-client', '-t', 'contoso-eu-gw', '--yes', '--json'];
  const ended = await cli(args);
  expect(ended.code).toBe(1);
  expect(json(ended)).toMatchObject({ error: { code: 'BINDING_NOT_FOUND' } });
});

test('A version is approved by somebody with a name only: a function key has none', async () => {
  const ended = await cli(['approve', 'contoso-kv/gateway-client', '--json']);
  expect(ended.code).toBe(3);
  expect(json(ended)).toMatchObject({ error: { code: 'NEEDS_IDENTITIES', status: 403 } });
});
