import { plainPolicy, policyWith, putPolicy } from '../../support/azure/seed-contents.ts';
import {
  makePolicyScopes,
  makeServiceWorld,
  SERVICE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

describe('the list of all policies', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
    for (const scope of await makePolicyScopes(world)) {
      await putPolicy(world, scope, plainPolicy(scope));
    }
  });
  afterEach(() => world.close());

  const referenced = async (): Promise<string[]> => {
    const { body } = await world.get(`${SERVICE}/allPolicies`);
    return [...JSON.stringify(body).matchAll(/"referencePolicyId":"([^"]+)"/g)]
      .map((match) => (match[1] ?? '').slice(SERVICE.length))
      .sort();
  };

  it('has those of the service', async () => {
    const first = (await world.get(`${SERVICE}/allPolicies`)).at('value', 0);
    expect(first).toMatchObject({
      id: expect.stringMatching(/\/contoso-gw\/allpolicies\/[0-9a-f]{24}$/) as unknown,
      type: 'Microsoft.ApiManagement/service/allpolicies',
      properties: { complianceState: 'Compliant' },
    });
    expect(await referenced()).toEqual([
      '/apis/graph/resolvers/users/policies/policy',
      '/apis/orders/operations/get/policies/policy',
      '/apis/orders/policies/policy',
      '/policies/policy',
      '/products/starter/policies/policy',
    ]);
  });

  it('has those of workspaces, if the setting says so', async () => {
    world.arm.put({ 'assumptions.allPoliciesIncludesWorkspaces': 'yes' });
    const found = await referenced();
    expect(found).toHaveLength(9);
    expect(found).toContain('/workspaces/team/apis/orders/operations/get/policies/policy');
  });

  it('has none of resolvers, if the setting says so', async () => {
    world.arm.put({ 'assumptions.allPoliciesIncludesResolvers': 'no' });
    const found = await referenced();
    expect(found).toHaveLength(4);
    expect(found.join()).not.toContain('resolvers');
  });

  it('comes in pages', async () => {
    for (let count = 0; count < 100; count += 1) {
      const api = `${SERVICE}/apis/paged-${String(count)}`;
      await world.put(api, { displayName: 'a', path: 'a' });
      await putPolicy(world, api, policyWith(''));
    }
    const first = await world.get(`${SERVICE}/allPolicies`);
    const next = String(first.at('nextLink')).replace('https://management.azure.com', '');
    const second = await world.get(next);
    expect([first.at('value', 99) !== undefined, second.at('value', 4) !== undefined]).toEqual([
      true,
      true,
    ]);
    expect(second.at('nextLink')).toBeUndefined();
  });
});
