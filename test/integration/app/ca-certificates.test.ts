import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import {
  makeRoots,
  setUpdateSeconds,
  watchCaService,
  type CaService,
} from '../../support/system/ca-service.ts';
import { makeIssued } from '../../support/openssl/ca-files.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(240_000);

let openssl: Openssl;
let system: RunningSystem;
let wire: Wire;
let service: CaService;
let roots: ReturnType<typeof makeRoots>;
const some = (from: number, to: number) => roots.slice(from, to);
const keys = (...of: readonly { key: string }[]) => of.map(({ key }) => key).sort();

beforeAll(async () => {
  openssl = openOpenssl();
  roots = makeRoots(openssl, 11);
  system = await startTestSystem();
  wire = makeWire(system);
  service = watchCaService(system, wire);
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
});

it('nine uploads at once take at most two updates, and all nine are there', async () => {
  await wire.forgetRequests();
  const answers = await Promise.all(some(0, 9).map(({ der }) => service.add(der)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 202));
  const operation = await service.settled();
  expect(operation).toMatchObject({ state: 'succeeded' });
  expect(await service.entries()).toEqual(keys(...some(0, 9)));
  expect(operation.changes?.map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 9 }, () => 'added'),
  );
  const updates = await service.updates();
  expect(updates).toBeGreaterThan(0);
  expect(updates).toBeLessThanOrEqual(2);
  const told = await eventually(
    () => wire.published(),
    (events) => events.filter(({ type }) => type.includes('CaCertificate')).length >= 9,
  );
  expect(told.filter(({ type }) => type === 'Certkeeper.CaCertificateAdded')).toHaveLength(9);
});

it('what is there already is not sent again', async () => {
  await wire.forgetRequests();
  const [root] = roots;
  expect(await service.add(root?.der ?? Buffer.alloc(0))).toMatchObject({
    status: 200,
    body: { entries: [{ outcome: 'present' }] },
  });
  expect(await service.updates()).toBe(0);
});

it('the eleventh is refused before anything waits, and the limit is named', async () => {
  const [tenth, eleventh] = some(9, 11);
  expect(await service.add(tenth?.der ?? Buffer.alloc(0))).toMatchObject({ status: 202 });
  const refused = await service.add(eleventh?.der ?? Buffer.alloc(0));
  expect(refused).toMatchObject({ status: 409, body: { code: 'CA_LIMIT_REACHED' } });
  expect(refused.body.detail).toContain('10 CA certificates');
  await service.settled();
  expect(await service.entries()).toEqual(keys(...some(0, 10)));
});

it('a deletion takes one entry away and leaves the others', async () => {
  const [first] = roots;
  const [store = '', thumbprint = ''] = (first?.key ?? '').split('/');
  const removed = await service.remove(store, thumbprint.toLowerCase());
  expect(removed).toMatchObject({ status: 202, body: { warnings: [], thumbprint } });
  expect(await service.settled()).toMatchObject({
    state: 'succeeded',
    changes: [{ change: 'remove', thumbprint, outcome: 'removed' }],
  });
  expect(await service.entries()).toEqual(keys(...some(1, 10)));
  expect(await service.remove(store, thumbprint)).toMatchObject({
    status: 404,
    body: { code: 'CA_ENTRY_NOT_FOUND' },
  });
});

it('an intermediate goes into its own store, and its root is warned of before it is deleted', async () => {
  const second = { name: 'root-2', der: roots[1]?.der ?? Buffer.alloc(0) };
  const { der } = makeIssued(openssl, second, 'issuing');
  const uploaded = await service.add(der);
  expect(uploaded).toMatchObject({
    status: 202,
    body: { entries: [{ store: 'CertificateAuthority', outcome: 'queued' }] },
  });
  expect(await service.settled()).toMatchObject({ state: 'succeeded' });
  const [store = '', thumbprint = ''] = (roots[1]?.key ?? '').split('/');
  const removed = await service.remove(store, thumbprint);
  expect(removed).toMatchObject({
    status: 202,
    body: { warnings: [{ code: 'CA_MAY_BE_NEEDED' }] },
  });
  expect(JSON.stringify(removed.body)).toContain('CN=issuing');
  await service.settled();
});

it('what somebody else puts there is in nobody’s way once there is a copy of it', async () => {
  const before = await service.entries();
  const foreign = roots[10] ?? { der: Buffer.alloc(0), key: '' };
  const kept = roots[2] ?? foreign;
  const encode = (der: Buffer) => ({
    storeName: 'Root',
    encodedCertificate: der.toString('base64'),
  });
  // A careless deployment: it sends what it knows, and wipes everything else.
  expect(
    await service.patch({ certificates: [encode(kept.der), encode(foreign.der)] }),
  ).toMatchObject({ status: 202 });
  await eventually(service.entries, (entries) => entries.length === 2);
  const listed = await service.list();
  expect(listed).toMatchObject({ entries: [{ known: true }, { known: false }] });

  const lost = roots[3] ?? foreign;
  const refused = await service.add(lost.der);
  expect(refused).toMatchObject({ status: 409, body: { code: 'CA_ENTRIES_UNKNOWN' } });
  expect(refused.body.detail).toContain(foreign.key);
  expect(await service.add(foreign.der)).toMatchObject({
    status: 200,
    body: { entries: [{ outcome: 'adopted' }] },
  });
  expect(await service.add(lost.der)).toMatchObject({ status: 202 });
  await service.settled();
  expect(await service.entries()).toEqual(keys(kept, foreign, lost));
  expect(before.length).toBeGreaterThan(3);
});

it('a service that is being changed by somebody else is waited for', async () => {
  await setUpdateSeconds(wire, system, 8);
  const before = await service.entries();
  expect(await service.patch({ customProperties: {} })).toMatchObject({ status: 202 });
  const more = roots[4] ?? { der: Buffer.alloc(0), key: '' };
  expect(await service.add(more.der)).toMatchObject({ status: 202 });
  await eventually(
    async () => JSON.stringify(await wire.api(`/operations/${await operationId()}`)),
    (text) => text.includes('being changed by somebody else'),
  );
  await setUpdateSeconds(wire, system, 1);
  expect(await service.settled(120_000)).toMatchObject({ state: 'succeeded' });
  expect(await service.entries()).toEqual([...before, more.key].sort());
});

it.each([
  ['a v2 tier', 'StandardV2', 'CA_STORE_WITHOUT_EFFECT'],
  ['the Consumption tier', 'Consumption', 'CA_STORE_WITHOUT_EFFECT'],
])('%s is refused with the cure', async (_, sku, code) => {
  const shown = `${system.azureUrl}/_local/services/contoso-gw`;
  await wire.send(shown, 'PUT', { sku });
  expect(await service.add(roots[5]?.der ?? Buffer.alloc(0))).toMatchObject({
    status: 409,
    body: { code },
  });
  await wire.send(shown, 'PUT', {});
});

it('an upload to a store that no rule names is refused where nobody has a role', async () => {
  const lab = watchCaService(system, wire, 'contoso-lab-gw');
  expect(await lab.add(roots[5]?.der ?? Buffer.alloc(0))).toMatchObject({
    status: 403,
    body: { code: 'BINDING_NOT_ALLOWED' },
  });
});

const operationId = async (): Promise<string> =>
  ((await service.list()) as { operation: string }).operation.split('/').at(-1) ?? '';
