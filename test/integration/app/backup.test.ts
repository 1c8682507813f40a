/** What cannot be read back from Azure, through the loss of the whole storage. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import {
  startAppUnderTest,
  watchApp,
  type AppUnderTest,
} from '../../support/system/app-under-test.ts';
import { watchAudits } from '../../support/system/audits.ts';
import { makeRoots, watchCaService } from '../../support/system/ca-service.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';
import { settle, type Answered } from '../../support/system/upload.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

const EVERYTHING = {
  signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
};
const FILE = { 'content-type': 'application/x-ndjson' };

const list = async ({ wire }: AppUnderTest) =>
  ((await wire.api('/backups')).body as { backups: { id: string }[] }).backups;
const restore = async ({ wire }: AppUnderTest, file: string, query = '') =>
  await wire.api(`/backups/restore${query}`, 'POST', file, FILE);

/** Asks for what nobody could tell from Azure alone. */
async function ask(app: AppUnderTest): Promise<void> {
  const { wire, system } = app;
  await wire.send(`${system.azureUrl}/_local/settings`, 'PUT', {
    'apiManagement.operationSeconds': 0,
    'authorization.propagationSeconds': 0,
  });
  await wire.importVersion('contoso-kv', 'kept', makePfx('kept.contoso.com'));
  const certificate = '/certificates/contoso-kv/kept';
  const bound = await wire.api(`${certificate}/bindings`, 'POST', { targets: ['contoso-gw'] });
  // It has the shape of every answer.
  expect(await settle(app, bound as unknown as Answered)).toMatchObject({ state: 'succeeded' });
  const openssl = openOpenssl();
  const [root] = makeRoots(openssl, 1);
  openssl.close();
  const service = watchCaService(system, wire);
  expect(await service.add(root?.der ?? Buffer.alloc(0))).toMatchObject({ status: 202 });
  expect(await service.settled()).toMatchObject({ state: 'succeeded' });
  const grant = await wire.api(
    '/certificates/contoso-kv/reports/access/grant?target=contoso-lab-gw',
    'POST',
  );
  expect(await settle(app, grant as unknown as Answered)).toMatchObject({ state: 'succeeded' });
}

test('a backup brings everything back into an empty storage, and rotation goes on', async () => {
  const stateDir = stateFolder();
  const app = await startAppUnderTest({ stateDir, ...EVERYTHING });
  const { audit, latest } = watchAudits(app);
  await ask(app);
  await audit();
  const [found] = (await latest()).findings;
  const until = { reason: 'Known.', until: '2027-03-31' };
  const acknowledgement = `/findings/${found?.id ?? ''}/acknowledgement`;
  expect(await app.wire.api(acknowledgement, 'PUT', until)).toMatchObject({ status: 200 });
  await audit();
  expect((await latest()).findings.map(({ code }) => code)).not.toContain('BACKUP_FAILED');
  const [newest] = await list(app);
  const file = (await app.wire.api(`/backups/${newest?.id ?? ''}`)).body as string;
  expect(file.split('\n')[0]).toContain('"format":"certkeeper-backup"');
  expect(await restore(app, file)).toMatchObject({
    ...{ status: 409, body: { code: 'LEDGER_NOT_EMPTY' } },
  });
  expect(await restore(app, file, '?merge=true&dryRun=true')).toMatchObject({
    ...{ status: 200, body: { dryRun: true, written: 0, skipped: 0 } },
  });
  const before = await app.binding('contoso-kv', 'kept', 'contoso-gw/certificates/kept');
  const caBefore = await watchCaService(app.system, app.wire).list();
  await app.system.stop();
  rmSync(path.join(stateDir, 'storage'), { recursive: true });

  const anew = watchApp(await startTestSystem({ stateDir, ...EVERYTHING }));
  expect(await list(anew)).toEqual([]);
  const cut = file.slice(0, file.lastIndexOf('\n', file.length - 2) + 1);
  expect(await restore(anew, cut)).toMatchObject({
    ...{ status: 422, body: { code: 'BACKUP_UNREADABLE' } },
  });
  const restored = await restore(anew, file);
  expect(restored).toMatchObject({
    status: 200,
    body: { skipped: 0, sweep: expect.any(String) as string },
  });
  await anew.sweep();
  const after = await eventually(
    () => anew.binding('contoso-kv', 'kept', 'contoso-gw/certificates/kept'),
    (one) => one?.status === 'verified' && one.verifiedAt === before?.verifiedAt,
  );
  expect(after).toMatchObject({ thumbprint: before?.thumbprint });
  expect(await watchCaService(anew.system, anew.wire).list()).toMatchObject({
    entries: (caBefore as { entries: unknown }).entries,
  });
  // What is exported then is what was exported before: grants, acknowledgements, copies.
  await watchAudits(anew).audit();
  const [again] = await list(anew);
  const second = (await anew.wire.api(`/backups/${again?.id ?? ''}`)).body as string;
  const kept = file
    .split('\n')
    .filter((line) => /"(grant\||acknowledged|certkeeper-ca)/.test(line));
  expect(kept.length).toBeGreaterThanOrEqual(3);
  expect(second.split('\n')).toEqual(expect.arrayContaining(kept));

  const pfx = makePfx('kept.contoso.com');
  const thumbprint = await anew.wire.importVersion('contoso-kv', 'kept', pfx);
  await eventually(
    () => anew.targetThumbprint('contoso-gw', 'kept'),
    (held) => held === thumbprint,
  );
});
