/** What is known of certificates, read over HTTP from a running system: ledger, vault, history. */
import { makePfx } from '../../support/system/openssl.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

interface Detail {
  readonly version: string;
  readonly versions: readonly {
    readonly version: string;
    readonly current: boolean;
    readonly enabled: boolean;
    readonly thumbprint: string;
    readonly createdAt: string;
  }[];
  readonly bindings: readonly { readonly target: string; readonly status: string }[];
  readonly history: readonly {
    readonly at: string;
    readonly what: string;
    readonly version?: string;
    readonly targets?: readonly { readonly target: string; readonly outcome: string }[];
  }[];
}
interface Page {
  readonly certificates: readonly { readonly vault: string; readonly name: string }[];
  readonly next?: string;
}

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
  await app.sweep();
});
afterAll(cleanUpSystems);

const show = async (name: string, query = '') =>
  await app.wire.api(`/certificates/contoso-kv/${name}${query}`);

describe('one certificate', () => {
  test('shows its versions, its bindings and what was done about it', async () => {
    const before = (await show('gateway-client')).body as Detail;
    const thumbprint = await app.wire.importVersion(
      'contoso-kv',
      'gateway-client',
      makePfx('gateway-client.contoso.com'),
    );
    const after = await eventually(
      async () => (await show('gateway-client')).body as Detail,
      ({ history }) => history.length > before.history.length,
    );
    expect(after.versions).toHaveLength(before.versions.length + 1);
    const current = after.versions.filter((one) => one.current);
    expect(current).toMatchObject([{ thumbprint, enabled: true }]);
    expect(after.history[0]).toMatchObject({
      what: 'sync',
      by: { kind: 'platform' },
      verdict: 'succeeded',
      version: current[0]?.version,
      targets: [{ target: 'contoso-gw/certificates/gateway-client', outcome: 'rotated' }],
    });
    const times = after.history.map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
    // A sync that finds everything in order is no history.
    await app.sync('contoso-kv', 'gateway-client');
    const { history } = (await show('gateway-client', '?history=200')).body as Detail;
    expect(history).toHaveLength(after.history.length);
  });

  test('shows a version that was disabled, and that it is still the one that counts', async () => {
    const { versions } = (await show('reports')).body as Detail;
    const { version } = versions.find(({ current }) => current) ?? { version: '' };
    const path = `/certificates/reports/${version}`;
    await app.wire.send(app.wire.vault('contoso-kv', path), 'PATCH', {
      attributes: { enabled: false },
    });
    const { body } = await show('reports');
    expect((body as Detail).versions.filter(({ current }) => current)).toMatchObject([
      { version, enabled: false },
    ]);
  });

  test('is answered from the ledger while the vault is out of order', async () => {
    await app.wire.fault({
      match: { host: 'contoso-kv.vault.azure.net', path: '/certificates/gateway-client/versions' },
      answer: { status: 403, code: 'Forbidden' },
      times: 50,
    });
    const { status, body } = await show('gateway-client');
    await app.wire.noFaults();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      bindings: [{ target: 'contoso-gw/certificates/gateway-client' }],
      versions: [],
      versionsProblem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
  });

  test('is not found when there is none', async () => {
    expect(await show('nobody')).toMatchObject({ status: 404, body: { code: 'SOURCE_NOT_FOUND' } });
  });
});

describe('the list', () => {
  test.each(['name', '-name', 'expires', '-status'])(
    'pages through everything by %s',
    async (sort) => {
      const all = (await app.wire.api(`/certificates?sort=${sort}`)).body as Page;
      expect(all.certificates.length).toBeGreaterThan(2);
      const paged: Page['certificates'][number][] = [];
      for (
        let at: string | undefined = `/api/certificates?sort=${sort}&limit=1`;
        at !== undefined;
      ) {
        const page = (await app.wire.send(`${app.system.hostUrl}${at}`)).body as Page;
        expect(page.certificates).toHaveLength(1);
        paged.push(...page.certificates);
        at = page.next;
      }
      expect(paged.map(({ vault, name }) => `${vault}/${name}`)).toEqual(
        all.certificates.map(({ vault, name }) => `${vault}/${name}`),
      );
    },
  );

  test('is CSV for who accepts that', async () => {
    const answer = await app.wire.send(
      `${app.system.hostUrl}/api/certificates?status=blocked`,
      'GET',
      undefined,
      { accept: 'text/csv' },
    );
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    const [header, ...rows] = String(answer.body).trimEnd().split('\r\n');
    expect(header).toMatch(/^vault,name,/);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toContain(',blocked,');
  });

  test('says which field of the query is bad', async () => {
    expect(await app.wire.api('/certificates?limit=0')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'limit' }] },
    });
  });
});
