import {
  policyWith,
  putApi,
  putFragment,
  putPolicy,
  readRawXml,
} from '../../support/azure/seed-contents.ts';
import {
  errorOf,
  makeServiceWorld,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

const PLAIN = policyWith('');

describe('policy fragments', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  it('are kept with their description, in both formats, and listed with their text', async () => {
    for (const at of [SERVICE, WORKSPACE]) {
      const id = `${at}/policyFragments/common`;
      const value = '<fragment><set-body>@(1 < 2)</set-body></fragment>';
      const made = await world.put(id, { value, format: 'rawxml', description: 'For all' });
      expect(made.status).toBe(201);
      expect(made.at('properties')).toEqual({
        description: 'For all',
        format: 'xml',
        value: value.replace('1 < 2', '1 &lt; 2'),
      });
      expect(await readRawXml(world, id)).toBe(value);
      const list = await world.get(`${at}/policyFragments`);
      expect(list.at('value', 0, 'properties')).toEqual(made.at('properties'));
      const filtered = await world.get(`${at}/policyFragments?$filter=name eq 'other'`);
      expect([filtered.at('count'), list.at('count')]).toEqual([0, 1]);
    }
  });

  it('have a root of their own', async () => {
    const answer = await world.put(`${SERVICE}/policyFragments/a`, { value: PLAIN });
    expect(errorOf(answer)).toMatchObject({ status: 400, target: 'policies' });
  });

  it('must be there to be included, in the same workspace', async () => {
    const including = policyWith('<include-fragment fragment-id="common" />');
    await putFragment(world, SERVICE, 'common', '');
    await putPolicy(world, SERVICE, including);
    const answer = await world.put(`${WORKSPACE}/policies/policy`, { value: including });
    expect(errorOf(answer)).toEqual({
      status: 400,
      code: 'ValidationError',
      target: 'include-fragment',
      message:
        "Error in element 'include-fragment' on line 2, column 21: Policy fragment with id 'common' could not be found.",
    });
  });

  it('tell who includes them, and stay until nobody does', async () => {
    const id = await putFragment(world, SERVICE, 'common', '');
    const api = await putApi(world, SERVICE, 'orders');
    const including = policyWith('<include-fragment fragment-id="Common" />');
    await putPolicy(world, SERVICE, including);
    await putPolicy(world, api, including);
    const references = await world.ask('POST', `${id}/listReferences`);
    expect(references.body).toEqual({
      value: [
        {
          id: `${api}/policies/policy`,
          type: 'Microsoft.ApiManagement/service/apis/policies',
          name: 'policy',
        },
        {
          id: `${SERVICE}/policies/policy`,
          type: 'Microsoft.ApiManagement/service/policies',
          name: 'policy',
        },
      ],
      count: 2,
    });
    expect(errorOf(await world.remove(id, '*'))).toMatchObject({
      status: 400,
      code: 'ValidationError',
      message:
        "The Policy Fragment 'common' is used by the following entities:\r\n/apis/orders/policies/policy\r\n/policies/policy\r\n",
    });
    await world.remove(`${SERVICE}/policies/policy`, '*');
    await putPolicy(world, api, PLAIN);
    expect((await world.remove(id, '*')).status).toBe(200);
  });
});
