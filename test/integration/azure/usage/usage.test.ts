/** Where certificates are used, read by the real clients from the simulated Azure into Azurite. */
import type { CertificateReference } from '../../../../shared/domain/certificate-use.ts';
import type { UsageIndex } from '../../../../shared/domain/usage-ports.ts';
import type { CertificateTarget } from '../../../../shared/domain/target.ts';
import {
  fillUsageWorld,
  startUsageWorld,
  type UsageWorld,
} from '../../../support/azure/usage-world.ts';

const SERVICE = 'contoso-gw';
const SOURCE = { vault: 'contoso-kv', name: 'api-contoso-com' };
const CLIENT: CertificateTarget = { kind: 'client-certificate', service: SERVICE, id: 'client' };
const IN_TEAM: CertificateTarget = {
  kind: 'workspace-certificate',
  service: SERVICE,
  workspace: 'team-a',
  id: 'client',
};
const BOTH = [
  'apis/Orders/operations/get/policies/policy',
  'apis/Orders/policies/policy',
  'apis/Orders;rev=2/operations/get/policies/policy',
  'apis/Orders;rev=2/policies/policy',
  'apis/Via/policies/policy',
  'backends/by-id',
  'backends/cluster',
  'policies/policy',
  'policyFragments/sign-in',
  'products/starter/policies/policy',
];
const SERVICE_ONLY = [
  'apis/Graph/resolvers/users/policies/policy',
  'gateways/on-premises/certificateAuthorities/client',
  'gateways/on-premises/hostnameConfigurations/default',
];
const NONE = '<policies><inbound><base /></inbound></policies>';

let world: UsageWorld;
beforeAll(async () => {
  world = await startUsageWorld();
  await fillUsageWorld(world);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.calls.length = 0;
});

interface Round {
  readonly times: number;
  readonly documents: number;
  readonly read: number;
  readonly calls: readonly string[];
}

async function round(index: UsageIndex, at: string): Promise<Round> {
  world.calls.length = 0;
  let [times, documents, read] = [0, 0, 0];
  let after: string | undefined;
  do {
    const part = await index.refresh(SERVICE, { at, ...(after === undefined ? {} : { after }) });
    expect(part.problems).toEqual([]);
    times += 1;
    documents += part.documents;
    read += part.read;
    ({ after } = part);
  } while (after !== undefined);
  return { times, documents, read, calls: [...world.calls] };
}

const sureById = (references: readonly CertificateReference[]) =>
  references
    .filter(({ by, certainty }) => by === 'id' && certainty === 'certain')
    .map(({ document }) => document)
    .sort();
const sorted = (references: readonly CertificateReference[] | undefined) =>
  references?.map((one) => JSON.stringify(one)).sort();

async function expectAgreement(index: UsageIndex): Promise<void> {
  const usage = await world.scanner.scan(SERVICE);
  const thumbprints = [world.thumbprint];
  for (const target of [CLIENT, IN_TEAM]) {
    const indexed = await index.of(target, thumbprints);
    expect(sorted(indexed?.references)).toEqual(sorted(usage.of(target, thumbprints)));
  }
  const indexed = await index.ofSource(SERVICE, SOURCE);
  expect(sorted(indexed?.references)).toEqual(sorted(usage.ofSource(SOURCE)));
}

test('a scan finds every document that names a certificate, at both levels', async () => {
  const usage = await world.scanner.scan(SERVICE);
  expect(sureById(usage.of(CLIENT, []))).toEqual([...BOTH, ...SERVICE_ONLY].sort());
  expect(sureById(usage.of(IN_TEAM, []))).toEqual(BOTH.map((one) => `workspaces/Team-A/${one}`));
  const thumbprints = usage.of(CLIENT, [world.thumbprint]);
  for (const document of ['backends/by-thumbprint', 'backends/cluster', 'namedValues/thumb']) {
    expect(thumbprints).toContainEqual(expect.objectContaining({ document, by: 'thumbprint' }));
  }
  expect(usage.ofSource(SOURCE).map(({ document }) => document)).toEqual([
    'hostnames/api.contoso.com',
    'namedValues/read',
    'workspaces/Team-A/namedValues/read',
  ]);
});

test('a round of the index finds the same, and the next one reads no body', async () => {
  const index = world.index();
  const first = await round(index, '2026-11-26T00:00:00.000Z');
  expect(first.read).toBe(17);
  await expectAgreement(index);
  const second = await round(index, '2026-11-27T00:00:00.000Z');
  expect(second.read).toBe(0);
  expect(second.calls.length).toBeLessThan(first.calls.length);
  await expectAgreement(index);
  await expect(index.asOf(SERVICE)).resolves.toBe('2026-11-27T00:00:00.000Z');
});

test('after one change one body is read, and what is gone is forgotten', async () => {
  const index = world.index();
  await round(index, '2026-11-20T00:00:00.000Z');
  await round(index, '2026-11-21T00:00:00.000Z');
  await world.policy('apis/Orders/operations/list/policies/policy', NONE);
  await expect(round(index, '2026-11-22T00:00:00.000Z')).resolves.toMatchObject({ read: 1 });
  await world.policy('workspaces/Team-A/apis/Orders/operations/list/policies/policy', NONE);
  await expect(round(index, '2026-11-23T00:00:00.000Z')).resolves.toMatchObject({ read: 1 });
  await world.delete('apis/Orders/operations/list/policies/policy');
  await world.delete('workspaces/Team-A/apis/Orders/operations/list/policies/policy');
  await expect(round(index, '2026-11-24T00:00:00.000Z')).resolves.toMatchObject({ read: 0 });
  await expectAgreement(index);
});

test.each([1, 25])('a round in pieces of %d calls comes to the same', async (callsAtOnce) => {
  const index = world.index(callsAtOnce);
  const first = await round(index, '2026-11-26T00:00:00.000Z');
  expect(first.times).toBeGreaterThan(1);
  await expectAgreement(index);
  const second = await round(index, '2026-11-27T00:00:00.000Z');
  expect(second.read).toBe(0);
  await expectAgreement(index);
});

test('whether the list of policies holds those of workspaces and resolvers makes no difference', async () => {
  for (const [workspaces, resolvers] of [
    ['yes', 'no'],
    ['no', 'yes'],
  ]) {
    await world.under.ask('PUT', '/_local/settings', {
      'assumptions.allPoliciesIncludesWorkspaces': workspaces,
      'assumptions.allPoliciesIncludesResolvers': resolvers,
    });
    const index = world.index();
    await round(index, '2026-11-26T00:00:00.000Z');
    await round(index, '2026-11-27T00:00:00.000Z');
    expect(world.calls).not.toContain('GET apis/Orders/operations');
    await expectAgreement(index);
  }
});

test('throttling is waited out', async () => {
  await world.under.ask('POST', '/_local/faults', {
    match: { path: '**/apis' },
    answer: { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '0' } },
    times: 2,
  });
  const usage = await world.scanner.scan(SERVICE);
  expect(sureById(usage.of(CLIENT, []))).toHaveLength(BOTH.length + SERVICE_ONLY.length);
});

test('a workspace that may not be read keeps a scan from concluding anything', async () => {
  await world.under.ask('POST', '/_local/faults', {
    match: { path: '**/workspaces/Team-A/backends' },
    answer: { status: 403, code: 'AuthorizationFailed' },
  });
  const index = world.index();
  await expect(world.scanner.scan(SERVICE)).rejects.toMatchObject({
    problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
  });
  const part = await index.refresh(SERVICE, { at: '2026-11-27T00:00:00.000Z' });
  await world.under.ask('DELETE', '/_local/faults');
  expect(part.problems).toEqual([
    expect.objectContaining({ code: 'CERTKEEPER_PERMISSION_MISSING' }),
  ]);
  const usage = await index.of({ ...IN_TEAM, id: 'another' }, []);
  expect(usage?.references).toContainEqual(
    expect.objectContaining({ document: 'workspaces/Team-A', by: 'unreadable' }),
  );
});

test('of a service that is gone nothing is left', async () => {
  const index = world.index();
  await round(index, '2026-11-27T00:00:00.000Z');
  await world.delete('');
  await round(index, '2026-11-28T00:00:00.000Z');
  await expect(index.asOf(SERVICE)).resolves.toBeUndefined();
  const usage = await world.scanner.scan(SERVICE);
  expect(usage.of(CLIENT, [world.thumbprint])).toEqual([]);
});
