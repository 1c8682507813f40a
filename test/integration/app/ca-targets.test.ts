/** A certificate of Key Vault that is kept in a service's store of CA certificates. */
import { watchApp, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { watchCaService, type CaService } from '../../support/system/ca-service.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import { makeRoot } from '../../support/openssl/ca-files.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(240_000);

const TARGET = 'contoso-gw/ca/Root';
let openssl: Openssl;
let app: AppUnderTest;
let service: CaService;
let made = 0;

/** A root with its key, as a vault holds it. */
function makePfx() {
  made += 1;
  const name = `vault-root-${String(made)}`;
  const { der } = makeRoot(openssl, name);
  openssl.run(
    ...['pkcs12', '-export', '-in', `${name}.pem`, '-inkey', `${name}.key`],
    ...['-passout', 'pass:secret', '-out', `${name}.pfx`],
  );
  return { value: openssl.read(`${name}.pfx`).toString('base64'), password: 'secret', der };
}

beforeAll(async () => {
  openssl = openOpenssl();
  const system = await startTestSystem({
    settings: {
      CERTKEEPER_ALLOW: `contoso-kv/partner-root => ${TARGET}; contoso-kv/* => *; none/ca-certificates => ${TARGET}`,
    },
  });
  app = watchApp(system);
  service = watchCaService(system, app.wire);
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
});

const listed = async (): Promise<readonly string[]> =>
  (await service.entries()).map((one) => one.replace('Root/', ''));

test('A tag puts it there without its key; the next version comes beside it; detaching takes both away', async () => {
  const first = await app.wire.importVersion('contoso-kv', 'partner-root', makePfx(), {
    tags: { 'certkeeper-targets': TARGET },
  });
  const attached = await app.sync('contoso-kv', 'partner-root');
  expect(attached).toMatchObject({
    state: 'succeeded',
    targets: [{ target: TARGET, outcome: 'attached', thumbprint: first }],
  });
  expect(await listed()).toEqual([first]);

  const second = await app.wire.importVersion('contoso-kv', 'partner-root', makePfx(), {
    tags: { 'certkeeper-targets': TARGET },
  });
  const rotated = await app.sync('contoso-kv', 'partner-root');
  expect(rotated).toMatchObject({
    state: 'succeeded',
    targets: [{ target: TARGET, outcome: 'rotated', thumbprint: second }],
  });
  expect(await listed()).toEqual([first, second].sort());
  const store = (await service.list()) as {
    entries: { thumbprint: string; heldFor: { source?: string; until?: string }[] }[];
  };
  const earlier = store.entries.find(({ thumbprint }) => thumbprint === first);
  expect(earlier?.heldFor).toMatchObject([{ source: 'contoso-kv/partner-root' }]);
  expect(earlier?.heldFor[0]?.until).toBeDefined();
  expect(store.entries.find(({ thumbprint }) => thumbprint === second)?.heldFor).toEqual([
    { kind: 'source', source: 'contoso-kv/partner-root' },
  ]);
  expect(await app.binding('contoso-kv', 'partner-root', TARGET)).toMatchObject({
    status: 'verified',
    thumbprint: second,
  });

  expect(await service.remove('Root', second)).toMatchObject({
    status: 409,
    body: { code: 'CA_ENTRY_BOUND' },
  });

  // Without the tag, which would bind it again.
  const third = await app.wire.importVersion('contoso-kv', 'partner-root', makePfx());
  expect(await app.sync('contoso-kv', 'partner-root')).toMatchObject({
    targets: [{ outcome: 'rotated', thumbprint: third }],
  });
  const detached = await app.wire.api(
    `/certificates/contoso-kv/partner-root?targets=${TARGET}`,
    'DELETE',
  );
  expect(detached).toMatchObject({ status: 202 });
  const location = detached.headers.get('location') ?? '';
  const operation = await eventually(
    async () =>
      (await app.wire.send(`${app.system.hostUrl}${location}`)).body as {
        state: string;
        targets?: { outcome: string }[];
      },
    ({ state }) => state !== 'running' && state !== 'pending',
    60_000,
  );
  expect(operation).toMatchObject({ state: 'succeeded', targets: [{ outcome: 'removed' }] });
  expect(await listed()).toEqual([]);
});

test('What a wildcard allows elsewhere it does not allow here', async () => {
  await app.wire.importVersion('contoso-kv', 'other-root', makePfx(), {
    tags: { 'certkeeper-targets': TARGET },
  });
  expect(await app.sync('contoso-kv', 'other-root')).toMatchObject({
    state: 'blocked',
    targets: [{ target: TARGET, problem: { code: 'BINDING_NOT_ALLOWED' } }],
  });
});

test('What is bound and was wiped by somebody else comes back with the sweep', async () => {
  const bound = await app.wire.api('/certificates/contoso-kv/partner-root/bindings', 'POST', {
    targets: [TARGET],
  });
  expect(bound).toMatchObject({ status: 202 });
  const [thumbprint = ''] = await eventually(listed, (all) => all.length === 1, 60_000);
  await eventually(
    () => app.binding('contoso-kv', 'partner-root', TARGET),
    (one) => one?.status === 'verified',
    60_000,
  );
  await service.patch({ certificates: [] });
  await eventually(listed, (all) => all.length === 0);
  await app.sweep();
  expect(await eventually(listed, (all) => all.length === 1, 60_000)).toEqual([thumbprint]);
});
