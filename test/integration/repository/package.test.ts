/** The zip that is deployed: unpacked where there is nothing else, it runs. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { repositoryRoot } from '../../../local/repository.ts';
import { packageApp } from '../../../scripts/package-app.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems, eventually, stateFolder } from '../../support/system/running-system.ts';

const root = repositoryRoot();
let zip: Uint8Array;
let app: AppUnderTest;

beforeAll(async () => {
  const folder = stateFolder();
  const packaged = packageApp(root, folder);
  zip = readFileSync(packaged.file);
  expect(packageApp(root, path.join(folder, 'again')).sha256).toBe(packaged.sha256);
  expect(readFileSync(`${packaged.file}.sha256`, 'utf8')).toBe(
    `${createHash('sha256').update(zip).digest('hex')}  ${path.basename(packaged.file)}\n`,
  );

  // Below the system's folder for temporary files: no node_modules is found from there.
  const appDir = path.join(folder, 'unpacked');
  for (const [file, content] of Object.entries(unzipSync(zip))) {
    mkdirSync(path.dirname(path.join(appDir, file)), { recursive: true });
    writeFileSync(path.join(appDir, file), content);
  }
  app = await startAppUnderTest({ appDir });
});
afterAll(cleanUpSystems);

test('it holds the app and what its licences ask for, and is small', () => {
  const files = unzipSync(zip);
  expect(Object.keys(files)).toEqual([
    ...['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'dist/app.cjs', 'host.json', 'package.json'],
  ]);
  expect(zip.length).toBeLessThan(5_000_000);
  expect(JSON.parse(Buffer.from(files['package.json'] ?? []).toString())).toEqual({
    ...{ name: 'certkeeper', version: expect.any(String) as string, license: 'MIT', private: true },
    ...{ main: 'dist/app.cjs', engines: { node: '>=22' } },
  });
  const notices = Buffer.from(files['THIRD-PARTY-NOTICES.txt'] ?? []).toString();
  for (const name of ['durable-functions', 'echarts', 'zod', '@azure/identity']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+`, 'm'));
  }
});

test('it answers, pages too', async () => {
  const ask = (route: string) =>
    fetch(`${app.system.hostUrl}/api/${route}`, { headers: app.system.headers });
  const health = await ask('health');
  expect(await health.json()).toMatchObject({ status: 'up' });
  const dashboard = await ask('dashboard');
  expect(dashboard.status).toBe(200);
  expect(await dashboard.text()).toMatch(/<!doctype html>/i);
});

test('it rotates a certificate', async () => {
  const pfx = makePfx('packaged.contoso.example');
  await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
  await eventually(
    () => app.binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
    (one) => one?.status === 'verified' && one.thumbprint === pfx.thumbprint,
  );
});

test('its timer removes old operations, and none of today', async () => {
  const { hostUrl, keys, stateDir } = app.system;
  const asked = await fetch(`${hostUrl}/admin/functions/PurgeHistoryTimer`, {
    method: 'POST',
    headers: { 'x-functions-key': keys.master, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(asked.status).toBe(202);
  const log = path.join(stateDir, 'logs', 'host.log');
  await eventually(
    async () => readFileSync(log, 'utf8'),
    (text) => text.includes('history.purged: 0 begun before'),
  );
});
