/** An audit of the seeded fleet, from its start to what people read, through the whole system. */
import type { SystemOptions } from '../../../local/system.ts';
import { watchApp, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { watchAudits } from '../../support/system/audits.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';
import { signedIn } from '../../support/system/signed-in.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

/** A system whose first sweep, and what it asked for, is over. */
async function start(options: Partial<SystemOptions> = {}) {
  const app = watchApp(await startTestSystem(options));
  await eventually(
    () => app.binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
    (one) => one?.status === 'verified',
  );
  await app.sync('contoso-kv', 'gateway-client');
  await app.sweep();
  return { app, ...watchAudits(app) };
}

const detailReads = async ({ wire }: AppUnderTest): Promise<number> =>
  (await wire.requests()).filter(
    ({ host, path }) =>
      host.endsWith('.vault.azure.net') && /^\/certificates\/[^/]+\/?$/.test(path),
  ).length;

describe('an audit of the seeded fleet', () => {
  let world: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    world = await start();
  });

  test('sees every certificate, in the vaults and where it is installed', async () => {
    const { app, audit, latest } = world;
    const done = await audit();
    expect(done).toMatchObject({
      ...{ kind: 'audit', state: 'succeeded', problems: [] },
      counts: { vaults: 2, services: 3, unreadable: 0 },
    });
    const report = await latest();
    expect(report.id).toBe(done.audit?.id);
    const ids = report.certificates.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        ...['contoso-kv/gateway-client', 'contoso-legacy-kv/legacy-api'],
        ...['contoso-gw/certificates/gateway-client', 'contoso-eu-gw/certificates/partner-mtls'],
        'contoso-gw/workspaces/team-a/certificates/team-client',
      ]),
    );
    const installed = report.certificates.find(
      ({ id }) => id === 'contoso-gw/certificates/gateway-client',
    );
    const thumbprint = await app.targetThumbprint('contoso-gw', 'gateway-client');
    expect(installed).toMatchObject({
      ...{ thumbprint, sourceThumbprint: thumbprint, source: 'contoso-kv/gateway-client' },
      ...{ binding: 'verified', subject: 'CN=gateway-client.contoso.com', key: 'RSA 2048' },
    });
  });

  test('reads no certificate a second time while nothing has changed', async () => {
    const { app, audit } = world;
    await app.wire.forgetRequests();
    await audit();
    expect(await detailReads(app)).toBe(0);
    // One call for each page of each list, and one for each service.
    const { length } = (await app.wire.requests()).filter(({ path }) => !/token|keys/.test(path));
    expect(length).toBeLessThanOrEqual(2 * 2 + 3 * 4 + 1 + 2);
  });

  test('is read as it is accepted, and by its format in a browser', async () => {
    const { wire } = world.app;
    const typeOf = async (path: string, accept?: string) => {
      const answer = await wire.api(path, 'GET', undefined, accept === undefined ? {} : { accept });
      expect(answer.status).toBe(200);
      return [answer.headers.get('content-type'), answer.headers.get('content-security-policy')];
    };
    expect(await typeOf('/audits/latest', 'application/json')).toEqual(['application/json', null]);
    expect(await typeOf('/audits/latest', 'text/csv')).toEqual(['text/csv; charset=utf-8', null]);
    expect(await typeOf('/audits/latest', 'text/markdown')).toEqual([
      ...['text/markdown; charset=utf-8', null],
    ]);
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const page = ['text/html; charset=utf-8', expect.stringContaining("default-src 'none'")];
    expect(await typeOf('/audits/latest', browser)).toEqual(page);
    expect(await typeOf('/audits/latest?format=html', 'application/json')).toEqual(page);
  });

  test('shows a rotation, how long it took, and what changed since another audit', async () => {
    const { app, audit, latest, report } = world;
    const before = await latest();
    const pfx = makePfx('gateway-client.contoso.com');
    const thumbprint = await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (held) => held === thumbprint,
    );
    await app.sync('contoso-kv', 'gateway-client');
    await app.wire.forgetRequests();
    await audit();
    expect(await detailReads(app)).toBe(1);
    const after = await latest();
    const row = after.certificates.find(
      ({ id }) => id === 'contoso-gw/certificates/gateway-client',
    );
    expect(row?.thumbprint).toBe(thumbprint);
    expect(row?.rotationSeconds).toBeGreaterThanOrEqual(0);
    expect(row?.rotationSeconds).toBeLessThan(120);
    await audit();
    const since = await report(`latest?compare=${before.id}`);
    expect(since.changes?.since.id).toBe(before.id);
    expect(since.changes?.certificatesRotated).toEqual(
      expect.arrayContaining([
        ...['contoso-gw/certificates/gateway-client', 'contoso-kv/gateway-client'],
      ]),
    );
  });

  test('has as findings the vault and the service that cannot be read, and all of the rest', async () => {
    const { app, audit, latest } = world;
    const answer = { status: 403, code: 'Forbidden' };
    await app.wire.fault({
      match: { host: 'contoso-legacy-kv.vault.azure.net', path: '/certificates' },
      answer,
    });
    await app.wire.fault({ match: { method: 'GET', path: '**/service/contoso-lab-gw' }, answer });
    try {
      const done = await audit();
      expect(done).toMatchObject({ state: 'succeeded', counts: { unreadable: 2 } });
    } finally {
      await app.wire.noFaults();
    }
    const { findings, certificates } = await latest();
    expect(findings.map(({ code, about }) => `${code} ${about}`)).toEqual(
      expect.arrayContaining([
        ...['VAULT_UNREADABLE contoso-legacy-kv', 'SERVICE_UNREADABLE contoso-lab-gw'],
      ]),
    );
    expect(certificates.map(({ id }) => id)).toContain('contoso-gw/certificates/gateway-client');
  });

  test('is one at a time, however many ask', async () => {
    const { app, audit } = world;
    const { audits: before } = (await app.wire.api('/audits')).body as { audits: unknown[] };
    await Promise.all([audit(), audit(), audit()]);
    const { audits } = (await app.wire.api('/audits')).body as { audits: unknown[] };
    expect(audits.length - before.length).toBeGreaterThanOrEqual(1);
    expect(audits.length - before.length).toBeLessThanOrEqual(3);
  });
});

test('an audit that a power cut ended in the middle is finished after the restart', async () => {
  const stateDir = stateFolder();
  const { app } = await start({ stateDir });
  const { system, wire } = app;
  await wire.fault({
    match: { method: 'GET', path: '**/service/contoso-lab-gw' },
    delayMs: 60_000,
    times: 1,
  });
  await wire.api('/audits', 'POST');
  // The other two are read by then.
  const history = `${system.hostUrl}/runtime/webhooks/durabletask/instances/audit?showHistory=true&code=${system.keys.durable}`;
  await eventually(
    async () => (await wire.send(history)).body as { historyEvents?: { FunctionName?: string }[] },
    ({ historyEvents = [] }) =>
      historyEvents.filter((one) => one.FunctionName === 'ReadService').length === 2,
  );
  await system.killHard();

  const second = watchApp(await startTestSystem({ stateDir }));
  const { latest, operation } = watchAudits(second);
  await eventually(operation, ({ state }) => state === 'succeeded', 90_000);
  const report = await latest();
  expect(report.certificates.map(({ id }) => id)).toContain(
    'contoso-eu-gw/certificates/partner-mtls',
  );
  const { audits } = (await second.wire.api('/audits')).body as { audits: unknown[] };
  expect(audits).toHaveLength(1);
  const read = (await second.wire.requests()).filter(({ path }) => path.endsWith('/gateways'));
  expect(read.map(({ path }) => path.split('/').at(-2))).toEqual(['contoso-lab-gw']);
});

test('a finding is acknowledged by somebody with a name, and counts apart from the next audit on', async () => {
  const { app, audit, latest } = await start({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
  });
  await audit();
  const found = (await latest()).findings.find(({ code }) => code === 'USED_BY_NOTHING');
  const address = `/findings/${found?.id ?? ''}/acknowledgement`;
  const body = { reason: 'Kept for a roll-back.', until: '2027-03-31' };
  const { headers } = await signedIn(app.system, 'Upload');
  expect(await app.wire.api(address, 'PUT', body, headers)).toMatchObject({ status: 403 });
  expect(await app.wire.api(address, 'PUT', body)).toMatchObject({ status: 200 });
  await audit();
  const again = (await latest()).findings.find(({ id }) => id === found?.id);
  expect(again?.acknowledged).toMatchObject({ ...body, from: 'http', by: { kind: 'entra' } });
  expect(await app.wire.api(address, 'DELETE')).toMatchObject({ status: 204 });
  await audit();
  const once = (await latest()).findings.find(({ id }) => id === found?.id);
  expect(once).not.toHaveProperty('acknowledged');
});
