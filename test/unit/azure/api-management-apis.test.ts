import {
  policyWith,
  putApi,
  putPolicy,
  putProduct,
  putResolver,
} from '../../support/azure/seed-contents.ts';
import {
  errorOf,
  makeServiceWorld,
  namesOf,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

const ORDERS = { displayName: 'Orders', path: 'orders', protocols: ['https'] };

describe('APIs', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  it.each([
    ['a service', SERVICE, 'Microsoft.ApiManagement/service/apis'],
    ['a workspace', WORKSPACE, 'Microsoft.ApiManagement/service/workspaces/apis'],
  ])('of %s are made, read, changed and deleted', async (_, at, type) => {
    const id = `${at}/apis/orders`;
    const made = await world.put(id, { ...ORDERS, apiType: 'graphql' });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id,
      type,
      name: 'orders',
      properties: {
        ...ORDERS,
        type: 'graphql',
        apiRevision: '1',
        isCurrent: true,
        isOnline: true,
        subscriptionRequired: true,
      },
    });
    const changed = await world.ask(
      'PATCH',
      id,
      { properties: { description: 'All of them' } },
      { 'if-match': made.headers['etag'] ?? '' },
    );
    expect(changed.at('properties')).toMatchObject({ ...ORDERS, description: 'All of them' });
    expect((await world.ask('HEAD', id)).headers['etag']).toBe(changed.headers['etag']);
    expect((await world.ask('PATCH', id, { properties: {} })).status).toBe(412);
    expect((await world.put(id, ORDERS)).status).toBe(412);
    expect((await world.remove(id)).status).toBe(412);
    expect((await world.remove(id, changed.headers['etag'])).status).toBe(200);
    expect(errorOf(await world.get(id))).toMatchObject({ status: 404, message: 'API not found.' });
  });

  it.each([
    ['displayName', { path: 'a' }],
    ['path', { displayName: 'a' }],
    ['protocols.0', { ...ORDERS, protocols: ['ftp'] }],
    ['sourceApiId', { ...ORDERS, sourceApiId: '/apis/none' }],
  ])('need a proper %s', async (target, properties) => {
    const answer = await world.put(`${SERVICE}/apis/orders`, properties);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'ValidationError', target });
  });

  it('are listed by pages and filtered', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await putApi(world, SERVICE, name);
    await putApi(world, WORKSPACE, 'elsewhere');
    const first = await world.get(`${SERVICE}/apis?$top=2`);
    expect([namesOf(first), first.at('count')]).toEqual([['a', 'b'], 5]);
    const next = String(first.at('nextLink')).replace('https://management.azure.com', '');
    const second = await world.get(next);
    expect(namesOf(second)).toEqual(['c', 'd']);
    const last = await world.get(`${SERVICE}/apis?$top=2&$skip=4`);
    expect([namesOf(last), last.at('nextLink')]).toEqual([['e'], undefined]);
    const filtered = await world.get(`${SERVICE}/apis?$filter=path eq 'b' or displayName eq 'c'`);
    expect(namesOf(filtered)).toEqual(['b', 'c']);
    expect((await world.get(`${SERVICE}/apis?$filter=colour eq 'b'`)).status).toBe(400);
  });

  describe('with revisions', () => {
    beforeEach(async () => {
      const id = await putApi(world, SERVICE, 'orders', ['get']);
      await putPolicy(world, `${id}/operations/get`, policyWith('<set-body>1</set-body>'));
      await world.put(`${SERVICE}/apis/orders;rev=2`, { path: 'orders', sourceApiId: id });
    });

    it('are listed with the current one first, under its bare id', async () => {
      const list = await world.get(`${SERVICE}/apis`);
      expect(namesOf(list)).toEqual(['orders', 'orders;rev=2']);
      expect(list.at('value', 1, 'properties')).toMatchObject({
        displayName: 'orders',
        apiRevision: '2',
        isCurrent: false,
      });
      const current = await world.get(`${SERVICE}/apis?$filter=isCurrent eq true`);
      expect(namesOf(current)).toEqual(['orders']);
      const revisions = await world.get(`${SERVICE}/apis/orders/revisions`);
      expect(revisions.at('value')).toMatchObject([
        { apiId: `${SERVICE}/apis/orders;rev=1`, apiRevision: '1', isCurrent: true },
        { apiId: `${SERVICE}/apis/orders;rev=2`, apiRevision: '2', isCurrent: false },
      ]);
    });

    it('begin with the operations and policies of their source, and go on alone', async () => {
      const policy = (revision: string): string =>
        `${SERVICE}/apis/orders${revision}/operations/get/policies/policy`;
      const [first, second] = [await world.get(policy('')), await world.get(policy(';rev=2'))];
      expect(second.at('id')).toBe(policy(';rev=2'));
      expect(second.at('properties')).toEqual(first.at('properties'));
      expect(second.headers['etag']).not.toBe(first.headers['etag']);
      await putPolicy(world, `${SERVICE}/apis/orders;rev=2/operations/get`, policyWith(''));
      expect((await world.get(policy(''))).body).toEqual(first.body);
    });

    it('are known by the number of the current one too', async () => {
      expect((await world.get(`${SERVICE}/apis/orders;rev=1`)).at('name')).toBe('orders');
      const policy = await world.get(`${SERVICE}/apis/orders;rev=1/operations/get/policies/policy`);
      expect(policy.at('id')).toBe(`${SERVICE}/apis/orders/operations/get/policies/policy`);
      expect((await world.get(`${SERVICE}/apis/orders;rev=3`)).status).toBe(404);
    });

    it('are deleted one by one, the current one only with all of them', async () => {
      expect(errorOf(await world.remove(`${SERVICE}/apis/orders`, '*'))).toMatchObject({
        status: 400,
        message: 'Cannot delete the current revision of an API.',
      });
      expect((await world.remove(`${SERVICE}/apis/orders;rev=2`, '*')).status).toBe(200);
      await world.put(`${SERVICE}/apis/orders;rev=2`, { sourceApiId: '/apis/orders' });
      const all = await world.remove(`${SERVICE}/apis/orders?deleteRevisions=true`, '*');
      expect(all.status).toBe(200);
      expect((await world.get(`${SERVICE}/apis`)).at('count')).toBe(0);
      expect((await world.get(`${SERVICE}/allPolicies`)).at('value')).toEqual([]);
    });
  });

  it('begin with the revision that they are made with', async () => {
    const made = await world.put(`${SERVICE}/apis/orders;rev=1`, ORDERS);
    expect(made.at('name')).toBe('orders');
    expect(made.at('properties')).toMatchObject({ apiRevision: '1', isCurrent: true });
  });

  it('have operations, and in a service resolvers', async () => {
    for (const at of [SERVICE, WORKSPACE]) {
      const api = await putApi(world, at, 'orders', ['get', 'put']);
      expect(namesOf(await world.get(`${api}/operations`))).toEqual(['get', 'put']);
      const filter = `${api}/operations?$filter=urlTemplate eq '/put'`;
      expect(namesOf(await world.get(filter))).toEqual(['put']);
      const bad = await world.put(`${api}/operations/bad`, { displayName: 'a', method: 'GET' });
      expect(errorOf(bad)).toMatchObject({ status: 400, target: 'urlTemplate' });
      expect((await world.remove(`${api}/operations/put`, '*')).status).toBe(200);
    }
    const resolver = await putResolver(world, SERVICE, 'graph');
    expect((await world.get(resolver)).body).toEqual({
      id: resolver,
      type: 'Microsoft.ApiManagement/service/apis/resolvers',
      name: 'users',
      properties: { displayName: 'Users', path: 'Query/users' },
    });
    expect((await world.get(`${WORKSPACE}/apis/orders/resolvers`)).at('error', 'code')).toBe(
      'InvalidResourceType',
    );
  });

  it('stand beside products', async () => {
    for (const at of [SERVICE, WORKSPACE]) {
      const id = await putProduct(world, at, 'starter');
      expect((await world.get(id)).at('properties')).toEqual({
        displayName: 'starter',
        subscriptionRequired: true,
        state: 'notPublished',
      });
      const changed = await world.ask(
        'PATCH',
        id,
        { properties: { state: 'published' } },
        { 'if-match': '*' },
      );
      expect(changed.at('properties', 'state')).toBe('published');
      expect((await world.remove(id)).status).toBe(412);
      expect((await world.remove(`${id}?deleteSubscriptions=true`, '*')).status).toBe(200);
    }
  });
});
