/** The command line where people sign in: tokens, roles, and what only a role may do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli, type Ended } from '../../support/cli.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';

const ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];
const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-cli-'));
let system: RunningSystem;
beforeAll(async () => {
  const settings = { CERTKEEPER_ON_SUSPECT: 'hold' };
  system = await startTestSystem({ signIn: { roles: ROLES }, settings });
});
afterAll(async () => {
  await cleanUpSystems();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as somebody with a role; without one, as nobody. */
async function as(role: string | undefined, ...args: string[]): Promise<Ended> {
  const query = new URLSearchParams({ roles: role ?? '', name: 'Ada' });
  const token =
    role === undefined
      ? ''
      : await (await fetch(`${system.hostUrl}/.auth/token?${query.toString()}`)).text();
  const env = { CERTKEEPER_URL: system.hostUrl, CERTKEEPER_TOKEN: token.trim() };
  return await runCli(args, { cwd: folder, env });
}
const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);

function pfxFile(name: string, subject: string): string[] {
  const pfx = makePfx(subject);
  writeFileSync(path.join(folder, `${name}.pfx`), Buffer.from(pfx.value, 'base64'));
  writeFileSync(path.join(folder, `${name}.password`), pfx.password);
  return [`${name}.pfx`, '--password-file', `${name}.password`];
}

test('Nobody is told to sign in, and how', async () => {
  const ended = await as(undefined, 'list');
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain('NOT_SIGNED_IN');
  expect(ended.stderr).toContain('CERTKEEPER_TOKEN');
});

test('Who may read may read, and is told which role the rest takes', async () => {
  await expect(as('Certkeeper.Read', 'list')).resolves.toMatchObject({ code: 0, stderr: '' });
  const ended = await as('Certkeeper.Read', 'sync', 'contoso-kv/gateway-client', '--json');
  expect(ended.code).toBe(3);
  expect(json(ended)).toMatchObject({
    error: {
      code: 'ROLE_MISSING',
      message: expect.stringContaining('Certkeeper.Upload') as string,
    },
  });
});

test('A version that looks wrong is held until somebody with the role lets it through', async () => {
  const first = pfxFile('first', 'right.contoso.com');
  const put = ['contoso-kv/suspect', '-t', 'contoso-gw'];
  await expect(as('Certkeeper.Upload', 'upload', ...first, ...put)).resolves.toMatchObject({
    code: 0,
  });

  const second = pfxFile('second', 'wrong.contoso.com');
  const held = await as(
    'Certkeeper.Upload',
    ...['upload', ...second, 'contoso-kv/suspect', '--new-version'],
  );
  expect(held.code).toBe(1);
  expect(held.stdout).toContain('VERSION_HELD');
  expect(held.stdout).toMatch(/contoso-gw\/certificates\/suspect\s+blocked/);

  await expect(as('Certkeeper.Upload', 'approve', 'contoso-kv/suspect')).resolves.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Certkeeper.Manage') as string,
  });

  const approved = await as('Certkeeper.Manage', 'approve', 'contoso-kv/suspect');
  expect(approved).toMatchObject({ code: 0, stderr: '' });
  expect(approved.stdout).toMatch(/contoso-gw\/certificates\/suspect\s+rotated/);

  const shown = json(await as('Certkeeper.Read', 'show', 'contoso-kv/suspect', '--json'));
  expect(shown).toMatchObject({
    status: 'verified',
    history: expect.arrayContaining([
      expect.objectContaining({
        what: 'approve',
        by: expect.objectContaining({ kind: 'entra', name: 'Ada' }) as unknown,
      }),
    ]) as unknown,
  });
  const twice = await as('Certkeeper.Manage', 'approve', 'contoso-kv/suspect', '--json');
  expect(twice.code).toBe(1);
  expect(json(twice)).toMatchObject({ error: { code: 'NOTHING_HELD' } });
});
