/** The command line against a running system, as a person and as a script would use it. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../../local/repository.ts';
import { runCli, type CliOptions, type Ended } from '../../support/cli.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, startTestSystem } from '../../support/system/running-system.ts';

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
  await app.sweep();
  await app.sync('contoso-kv', 'reports');
});
afterAll(cleanUpSystems);

const cli = (args: readonly string[], options: CliOptions = {}): Promise<Ended> =>
  runCli(args, { ...options, env: { CERTKEEPER_URL: app.system.hostUrl, ...options.env } });
const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);

describe('certkeeper list', () => {
  test('shows every certificate on a line of its own', async () => {
    const { code, stdout, stderr } = await cli(['list']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^CERTIFICATE\s+STATUS\s+EXPIRES\s+TARGETS$/);
    expect(lines).toContainEqual(
      expect.stringMatching(/^contoso-kv\/gateway-client\s+verified\s.*\s1 verified$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^contoso-kv\/reports\s+blocked\s/));
    expect(stdout).toContain('What is in the way:  npx certkeeper show contoso-kv/reports');
  });

  test('is narrowed down, and pages through everything', async () => {
    const blocked = await cli(['list', '--status', 'blocked,failed', '--json']);
    expect(json(blocked)).toMatchObject({ certificates: [{ name: 'reports', status: 'blocked' }] });
    const some = json(await cli(['list', '--limit', '1', '--json']));
    expect(some).toMatchObject({ next: expect.stringContaining('cursor=') as string });
    const all = json(await cli(['list', '--limit', '1', '--all', '--json']));
    const { body } = await app.wire.api('/certificates');
    expect(all).toEqual(body);
    await expect(cli(['list', '--limit', '1'])).resolves.toMatchObject({
      stdout: expect.stringContaining('1 certificate, and there are more: --all.') as string,
    });
  });

  test('is CSV on request', async () => {
    const { code, stdout } = await cli(['list', '--csv', '--service', 'contoso-lab-gw']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^vault,name,.*\r\ncontoso-kv,reports,blocked,.*\r\n$/);
  });

  test('says in the words of Certkeeper what it does not understand', async () => {
    const { code, stdout, stderr } = await cli(['list', '--vault', 'x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/vault must be the name of a vault/);
    expect(stderr).toMatch(/INVALID_REQUEST, correlation id [0-9a-f-]{36}\n$/);
  });
});

describe('certkeeper show', () => {
  test('shows targets, versions, history and what is in the way', async () => {
    const { code, stdout } = await cli(['show', 'contoso-kv/reports']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^contoso-kv\/reports {2}blocked\n/);
    for (const part of ['Targets', 'Versions in the vault', 'History (UTC)', 'In the way']) {
      expect(stdout).toContain(`\n${part}\n`);
    }
    expect(stdout).toContain('(IDENTITY_MISSING)');
    expect(stdout).toMatch(/What to do:\n\s+az rest /);
  });

  test('answers programs what the API answers', async () => {
    const ended = await cli(['--json', 'show', 'contoso-kv/gateway-client', '--history', '200']);
    const { body } = await app.wire.api('/certificates/contoso-kv/gateway-client?history=200');
    expect(json(ended)).toEqual(body);
  });

  test('ends with 1 when there is none, and tells programs why', async () => {
    const ended = await cli(['show', 'contoso-kv/nobody', '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(json(ended)).toMatchObject({
      error: { code: 'SOURCE_NOT_FOUND', status: 404, cure: expect.any(String) as string },
    });
  });
});

describe('certkeeper plan', () => {
  test('says what a sync would do, and that something is in the way', async () => {
    const fine = await cli(['plan', 'contoso-kv/gateway-client']);
    expect(fine.code).toBe(0);
    expect(fine.stdout).toContain('A sync would change nothing.');
    const blocked = await cli(['plan', 'contoso-kv/reports', '--json']);
    expect(blocked.code).toBe(1);
    expect(json(blocked)).toMatchObject({ dryRun: true, targets: [{ step: 'blocked' }] });
  });
});

describe('certkeeper usage', () => {
  test('ends with 1 at a target that is not there, and does not call it unused', async () => {
    const usage = (id: string) =>
      cli(['usage', 'contoso-kv/reports', '-t', `contoso-gw/certificates/${id}`]);
    const mistyped = await usage('gateway-cleint');
    expect(mistyped.code).toBe(1);
    expect(mistyped.stdout).toMatch(/^contoso-gw\/certificates\/gateway-cleint: not there/);
    expect(mistyped.stdout).toContain('There is no certificate');
    expect(mistyped.stdout).not.toMatch(/unused|uses it/);
    const there = await usage('gateway-client');
    expect([there.code, there.stdout]).toEqual([0, expect.not.stringContaining('not there')]);
  });
});

describe('certkeeper sync', () => {
  test('waits until the new version is verified', async () => {
    const pfx = makePfx('sync-by-hand.contoso.com');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const { code, stdout, stderr } = await cli(['sync', 'contoso-kv/gateway-client']);
    // Nobody watches: the result, and nothing else.
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/contoso-gw\/certificates\/gateway-client\s+(rotated|current)/);
    expect(stdout).toContain(pfx.thumbprint.slice(0, 8));
    expect(stdout).toMatch(/succeeded\.\nEvery target holds it, and that was checked\.\n$/);
    await expect(app.targetThumbprint('contoso-gw', 'gateway-client')).resolves.toBe(
      pfx.thumbprint,
    );
  });

  test('ends with 1 when something is in the way, and says what', async () => {
    const ended = await cli(['sync', 'contoso-kv/reports', '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(json(ended)).toMatchObject({
      operation: expect.stringMatching(/^\/api\/operations\/sync-/) as string,
      result: { state: 'blocked', problem: { code: 'IDENTITY_MISSING' } },
    });
  });

  test('does not wait when it is told not to', async () => {
    const ended = await cli(['sync', 'contoso-kv/reports', '--no-wait', '--json']);
    expect(ended.code).toBe(0);
    expect(json(ended)).not.toHaveProperty('result');
    const { stdout } = await cli(['sync', 'contoso-kv/reports', '--no-wait']);
    expect(stdout).toMatch(/^It goes on as sync-/);
  });
});

describe('certkeeper access', () => {
  test('says what is in the way of a service, and what is not', async () => {
    const { code, stdout } = await cli(['access', 'contoso-kv/reports', 'contoso-lab-gw']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^contoso-lab-gw\/certificates\/reports reading .*: blocks\n/);
    expect(stdout).toMatch(/\n {2}blocks {2}contoso-lab-gw has no managed identity/);
    const fine = await cli(['access', 'contoso-kv/gateway-client', 'contoso-gw', '--json']);
    expect(fine.code).toBe(0);
    expect(json(fine)).toMatchObject({ verdict: expect.stringMatching(/^(?!blocks)/) as string });
  });
});

describe('A command line that cannot be used ends with 2', () => {
  test.each<[args: string[], says: RegExp]>([
    [[], /Usage: certkeeper/],
    [['lsit'], /unknown command 'lsit'.*\n.*Did you mean list\?/],
    [['list', '--nope'], /unknown option '--nope'/],
    [['list', '--limit', '0'], /whole number from 1 to 500/],
    [['list', '--sort', 'size'], /Allowed choices are name, -name/],
    [['list', '--csv', '--json'], /either JSON or CSV/],
    [['show'], /missing required argument 'certificate'/],
    [['show', 'gateway-client'], /written vault\/name/],
    [['sync', 'a/b/c'], /written vault\/name/],
    [['sync', 'contoso-kv/a', '--timeout', '10'], /written 90s, 10m or 1h/],
    [['upload', 'nowhere.pfx', 'contoso-kv/a'], /there is no such file/],
    [['upload', '.', 'contoso-kv/a'], /cannot be read: it is a folder/],
    [['detach', 'contoso-kv/a'], /required option '-t, --target <path>'/],
    [['detach', 'contoso-kv/a', '-t', 'contoso-gw'], /nobody to ask/],
    [['list', '--url', 'example.com'], /must be a URL/],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await cli(args);
    expect([code, args.includes('--json') ? '' : stdout]).toEqual([2, '']);
    expect(stderr + stdout).toMatch(says);
  });
});

describe('Certkeeper out of reach ends with 3', () => {
  test('when nobody is there', async () => {
    const { code, stdout, stderr } = await runCli(['list', '--url', 'http://127.0.0.1:9']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/could not be reached at http:\/\/127\.0\.0\.1:9/);
    expect(stderr).toContain('npm start');
  });

  test('when somebody else is there', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('<p>nothing</p>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address of this kind.
    const { port } = server.address() as AddressInfo;
    const ended = await runCli(['list', '--url', `http://127.0.0.1:${port}`]);
    server.close();
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(/does not answer as Certkeeper does/);
  });

  test('when the key is missing or wrong, which is never shown', async () => {
    const system = await startTestSystem({ keys: 'required' });
    const at = (env: Record<string, string>, ...args: string[]) =>
      runCli(['list', ...args], { env: { CERTKEEPER_URL: system.hostUrl, ...env } });
    const without = await at({});
    expect(without).toMatchObject({ code: 3, stdout: '' });
    expect(without.stderr).toContain('CERTKEEPER_KEY');
    for (const wrong of [
      await at({ CERTKEEPER_KEY: 'marker-key' }),
      await at({}, '--key', 'marker-key', '--json'),
    ]) {
      expect(wrong.code).toBe(3);
      expect(wrong.stdout + wrong.stderr).not.toContain('marker-key');
    }
    const right = await at({ CERTKEEPER_KEY: system.keys.master });
    expect(right).toMatchObject({ code: 0, stderr: '' });
    await system.stop();
  });
});

describe('Help', () => {
  test('of every command fits 80 columns and shows how it is used', async () => {
    const main = await cli(['--help']);
    expect(main.code).toBe(0);
    for (const topic of ['Exit codes:', 'CERTKEEPER_KEY', 'Examples:']) {
      expect(main.stdout).toContain(topic);
    }
    const commands = [...main.stdout.matchAll(/^ {2}([a-z]+) [ <]/gm)].map(([, name = '']) => name);
    expect(commands).toEqual(
      expect.arrayContaining(['list', 'show', 'plan', 'sync', 'upload', 'detach']),
    );
    const helps = await Promise.all(
      commands.filter((name) => name !== 'help').map((name) => cli([name, '--help'])),
    );
    for (const { code, stdout, stderr } of [main, ...helps]) {
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: certkeeper/);
      expect(stdout).toContain('Examples:');
      for (const line of stdout.split('\n'))
        expect([line, line.length <= 80]).toEqual([line, true]);
    }
  });

  test('comes with the version of the repository', async () => {
    const { code, stdout } = await cli(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test('The program of the package runs where its caller stands', async () => {
  const script = path.join(repositoryRoot(), 'scripts', 'certkeeper.mjs');
  const run = promisify(execFile);
  const list = await run(process.execPath, [script, 'list', '--json'], {
    cwd: tmpdir(),
    env: { ...process.env, CERTKEEPER_URL: app.system.hostUrl },
  });
  expect(JSON.parse(list.stdout)).toMatchObject({ certificates: expect.any(Array) as unknown });
  const usage: unknown = await run(process.execPath, [script, 'show'], { cwd: tmpdir() }).catch(
    (error: unknown) => error,
  );
  expect(usage).toMatchObject({ code: 2, stdout: '' });
});
