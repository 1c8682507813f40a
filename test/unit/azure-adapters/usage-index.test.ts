import { refuse } from '../../support/fake-http-client.ts';
import { CLIENT, type UsageKit } from '../../support/usage-kit.ts';
import { EMPTY_POLICY } from '../../support/usage-sample.ts';
import { BY_ID, documentsOf, expectAgreement, filled, SOURCE } from '../../support/filled-usage.ts';

const bodiesIn = (calls: readonly string[]) =>
  calls.filter((call) => /^GET .*(policies\/policy|policyFragments\/[^/]+)$/.test(call));

test('nothing is answered before a round was complete', async () => {
  const kit = filled(20);
  await kit.index.refresh('gw', { at: '2026-11-27T00:00:00.000Z' });
  await expect(kit.index.asOf('gw')).resolves.toBeUndefined();
  await expect(kit.index.of(CLIENT, [])).resolves.toBeUndefined();
  await expect(kit.index.ofSource('gw', SOURCE)).resolves.toBeUndefined();
});

test('after a round the index says what a scan finds, as of the beginning of the round', async () => {
  const kit = filled();
  await kit.round('2026-11-27T00:00:00.000Z');
  await expect(kit.index.asOf('gw')).resolves.toBe('2026-11-27T00:00:00.000Z');
  await expectAgreement(kit);
});

test('no body is read again while nothing has changed, and nothing is written but marks', async () => {
  const kit = filled();
  const first = await kit.round();
  expect(first.read).toBe(bodiesIn(first.calls).length - missesIn(first.calls, kit));
  const before = kit.table.all();
  const second = await kit.round();
  expect(second.read).toBe(0);
  const changed = [...kit.table.all()].filter(
    ([name, document]) => JSON.stringify(before.get(name)) !== JSON.stringify(document),
  );
  expect(changed.filter(([name]) => /^(documents|used)/.test(name))).toEqual([]);
  await expectAgreement(kit);
});

/** Policies that were asked for and are not there. */
function missesIn(calls: readonly string[], { service }: UsageKit): number {
  return bodiesIn(calls).filter((call) => !service.has(call.slice('GET '.length))).length;
}

test('after one change exactly one body is read', async () => {
  const kit = filled();
  await kit.round();
  await kit.round();
  kit.service.policy('apis/Orders/operations/list/policies/policy', BY_ID);
  const { read, calls } = await kit.round();
  expect(read).toBe(1);
  expect(calls).toContain('GET apis/Orders/operations/list/policies/policy');
  await expectAgreement(kit);

  kit.service.policy('products/starter/policies/policy', EMPTY_POLICY);
  await expect(kit.round()).resolves.toMatchObject({ read: 1 });
  expect(await documentsOf(kit)).not.toContain('products/starter/policies/policy');
  await expectAgreement(kit);
});

test('once the list of policies was seen to be whole, operations are not asked for', async () => {
  const kit = filled();
  const first = await kit.round();
  expect(first.calls).toContain('GET apis/Orders/operations');
  const { calls } = await kit.round();
  expect(calls).toContain('GET allPolicies');
  expect(calls).not.toContain('GET apis/Orders/operations');
  expect(calls).not.toContain('GET apis/Orders/revisions');
  // Whether the list holds these is not known.
  expect(calls).toContain('GET apis/Graph/resolvers');
  expect(calls).toContain('GET workspaces/Team-A/apis/Orders/operations');
});

test('a list of policies that leaves one out is not gone by', async () => {
  const kit = filled();
  kit.service.lists = (path) => !path.startsWith('workspaces/') && !path.startsWith('products/');
  await kit.round();
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test('a list of policies that begins to leave some out loses its trust', async () => {
  const kit = filled();
  await kit.round();
  kit.service.lists = () => false;
  await kit.round();
  await expectAgreement(kit);
  kit.service.policy('apis/Orders/operations/list/policies/policy', BY_ID);
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test('the list of policies is put to the test again after a week', async () => {
  const kit = filled();
  await kit.round('2026-11-01T00:00:00.000Z');
  const sixth = await kit.round('2026-11-07T00:00:00.000Z');
  expect(sixth.calls).not.toContain('GET apis/Orders/operations');
  const ninth = await kit.round('2026-11-09T00:00:00.000Z');
  expect(ninth.calls).toContain('GET apis/Orders/operations');
  expect(ninth.read).toBe(0);
  const tenth = await kit.round('2026-11-10T00:00:00.000Z');
  expect(tenth.calls).not.toContain('GET apis/Orders/operations');
});

test('where policies are not listed at all, everything is asked for', async () => {
  const kit = filled();
  kit.service.fault = (_, path) =>
    path === 'allpolicies' ? refuse(400, 'MethodNotAllowedInPricingTier') : undefined;
  await kit.round();
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test.each([
  'policies/policy',
  'apis/Orders',
  'apis/Orders;rev=2',
  'apis/Orders/operations/get',
  'apis/Graph',
  'apis/Graph/resolvers/orders',
  'products/starter',
  'policyFragments/sign-in',
  'backends/by-id',
  'namedValues/thumb',
  'gateways/on-premises',
  'workspaces/Team-A',
  'workspaces/Team-A/apis/Orders',
])('what %s used is forgotten when it is gone', async (path) => {
  const kit = filled();
  await kit.round();
  kit.service.remove(path);
  await kit.round();
  await expectAgreement(kit);
});

test('of a service that is gone no row is left', async () => {
  const kit = filled();
  await kit.round();
  kit.service.remove('');
  await kit.round();
  await expect(kit.index.asOf('gw')).resolves.toBeUndefined();
  expect([...kit.table.all().keys()]).toEqual([]);
});
