/**
 * The real API Management client against the simulated Azure: policies at every scope, and what tells
 * about them.
 */
import type { ApiManagementClient } from '@azure/arm-apimanagement';
import type { AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { GW, RG, SERVICE, startContentsWorld, WS } from '../../support/azure/contents-world.ts';
import { policyWith, putAt, putPolicy } from '../../support/azure/seed-contents.ts';
import { makeIdentity } from '../../support/azure/vault.ts';

interface Policy {
  readonly eTag?: string;
  readonly value?: string;
}
/** What the operation groups have alike; they differ in which ids come before the policy's. */
interface Group {
  createOrUpdate(...args: unknown[]): Promise<Policy>;
  get(...args: unknown[]): Promise<Policy>;
  getEntityTag(...args: unknown[]): Promise<Policy>;
  delete(...args: unknown[]): Promise<unknown>;
}
type Whole = Promise<{ readonly value?: Policy[] }> | AsyncIterable<Policy>;
interface Row {
  readonly of: (client: ApiManagementClient) => Group;
  readonly at: readonly string[];
  readonly list: (client: ApiManagementClient) => Whole;
}

const ROWS: Readonly<Record<string, Row>> = {
  policy: {
    of: (client) => client.policy,
    at: [],
    list: (client) => client.policy.listByService(RG, GW),
  },
  apiPolicy: {
    of: (client) => client.apiPolicy,
    at: ['orders'],
    list: (client) => client.apiPolicy.listByApi(RG, GW, 'orders'),
  },
  apiOperationPolicy: {
    of: (client) => client.apiOperationPolicy,
    at: ['orders', 'get'],
    list: (client) => client.apiOperationPolicy.listByOperation(RG, GW, 'orders', 'get'),
  },
  graphQLApiResolverPolicy: {
    of: (client) => client.graphQLApiResolverPolicy,
    at: ['graph', 'users'],
    list: (client) => client.graphQLApiResolverPolicy.listByResolver(RG, GW, 'graph', 'users'),
  },
  productPolicy: {
    of: (client) => client.productPolicy,
    at: ['starter'],
    list: (client) => client.productPolicy.listByProduct(RG, GW, 'starter'),
  },
  workspacePolicy: {
    of: (client) => client.workspacePolicy,
    at: [WS],
    list: (client) => client.workspacePolicy.listByApi(RG, GW, WS),
  },
  workspaceApiPolicy: {
    of: (client) => client.workspaceApiPolicy,
    at: [WS, 'orders'],
    list: (client) => client.workspaceApiPolicy.listByApi(RG, GW, WS, 'orders'),
  },
  workspaceApiOperationPolicy: {
    of: (client) => client.workspaceApiOperationPolicy,
    at: [WS, 'orders', 'get'],
    list: (client) =>
      client.workspaceApiOperationPolicy.listByOperation(RG, GW, WS, 'orders', 'get'),
  },
  workspaceProductPolicy: {
    of: (client) => client.workspaceProductPolicy,
    at: [WS, 'starter'],
    list: (client) => client.workspaceProductPolicy.listByProduct(RG, GW, WS, 'starter'),
  },
};

const CHOICE = '<choose><when condition="@(1 < 2 && "a" != "b")" /></choose>';
/** A resolver's document is its data source itself. */
const rawOf = (name: string): string =>
  name === 'graphQLApiResolverPolicy'
    ? `<http-data-source><http-request>${CHOICE}</http-request></http-data-source>`
    : policyWith(CHOICE);
const toXml = (raw: string): string =>
  raw.replace('1 < 2 && "a" != "b"', '1 &lt; 2 &amp;&amp; &quot;a&quot; != &quot;b&quot;');
const rawxml = { format: 'rawxml' };
/** Source: "Azure built-in roles", API Management Service Reader Role. */
const READER = '71522526-b88f-4d52-b57f-d31fc3546d0d';

describe('the API Management client against the simulated Azure', () => {
  let under: AzureUnderTest;
  const client = (): ApiManagementClient => under.clients.apiManagement;

  beforeAll(async () => {
    under = await startContentsWorld();
  });
  afterAll(() => under.stop());

  it.each(Object.entries(ROWS))('keeps both formats of a policy with %s', async (name, row) => {
    const raw = rawOf(name);
    const xml = toXml(raw);
    const group = row.of(client());
    const at = [RG, GW, ...row.at, 'policy'];
    const put = (value: string, format: string, ifMatch?: string): Promise<Policy> =>
      group.createOrUpdate(...at, { value, format }, ifMatch === undefined ? {} : { ifMatch });
    const read = async (options: object): Promise<string> => {
      let text = '';
      await group.get(...at, {
        ...options,
        onResponse: ({ bodyAsText }: { bodyAsText: string }) => (text = bodyAsText),
      });
      return valueIn(text);
    };

    const made = await put(raw, 'rawxml');
    expect(made.value).toBe(xml);
    expect((await group.getEntityTag(...at)).eTag).toBe(made.eTag);
    expect((await group.get(...at, rawxml)).eTag).toBe(made.eTag);
    expect([await read(rawxml), await read({})]).toEqual([raw, xml]);
    const listed = await whole(row.list(client()));
    expect(listed.map(({ value }) => value)).toEqual([xml]);
    await expect(put(raw, 'rawxml', '"AAAAAAAAAAA="')).rejects.toMatchObject({
      statusCode: 412,
      code: 'PreconditionFailed',
    });
    const again = await put(xml, 'xml', made.eTag);
    expect(again.eTag).not.toBe(made.eTag);
    expect(await read(rawxml)).toBe(raw);
    await expect(put('<policies>', 'xml', '*')).rejects.toMatchObject({
      statusCode: 400,
      code: 'ValidationError',
    });
    await group.delete(...at, again.eTag);
    await expect(group.getEntityTag(...at)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('loses the value in apiPolicy.get alone (azure-sdk-for-js#31566)', async () => {
    for (const [name, row] of Object.entries(ROWS)) {
      const group = row.of(client());
      const at = [RG, GW, ...row.at, 'policy'];
      const raw = rawOf(name);
      const { eTag } = await group.createOrUpdate(...at, { value: raw, ...rawxml });
      const { value } = await group.get(...at, rawxml);
      expect([name, value]).toEqual([name, name === 'apiPolicy' ? undefined : raw]);
      await group.delete(...at, eTag);
    }
  });

  it('lets a reader read policies and fragments, and ask for no secret and no change', async () => {
    const reader = await makeIdentity(under, 'reader');
    await under.clients.authorization.roleAssignments.create(SERVICE, crypto.randomUUID(), {
      principalId: reader.principalId,
      principalType: 'ServicePrincipal',
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
    });
    const as = under.as(reader.clientId).apiManagement;
    const refused = (action: string): unknown =>
      expect.objectContaining({
        statusCode: 403,
        message: expect.stringContaining(`'Microsoft.ApiManagement/service/${action}'`) as unknown,
      });
    await putAt(under, `${SERVICE}/namedValues/key`, { displayName: 'key', value: 'a' });
    await putAt(under, `${SERVICE}/policyFragments/seen`, { value: '<fragment />' });
    await putPolicy(under, SERVICE, rawOf('policy'));

    expect((await as.policy.get(RG, GW, 'policy', rawxml)).value).toBe(rawOf('policy'));
    expect((await as.policyFragment.get(RG, GW, 'seen')).value).toBe('<fragment />');
    expect((await as.namedValue.get(RG, GW, 'key')).value).toBe('a');
    expect(await whole(as.allPolicies.listByService(RG, GW))).toHaveLength(1);
    expect(await whole(as.workspaceApiPolicy.listByApi(RG, GW, WS, 'orders'))).toEqual([]);
    await expect(as.namedValue.listValue(RG, GW, 'key')).rejects.toEqual(
      refused('namedValues/listValue/action'),
    );
    await expect(as.policyFragment.listReferences(RG, GW, 'seen')).rejects.toEqual(
      refused('policyFragments/listReferences/action'),
    );
    const at = ['orders', 'get', 'policy'] as const;
    await expect(
      as.workspaceApiOperationPolicy.createOrUpdate(RG, GW, WS, ...at, {
        value: toXml(rawOf('policy')),
      }),
    ).rejects.toEqual(refused('workspaces/apis/operations/policies/write'));
    await expect(as.policy.delete(RG, GW, 'policy', '*')).rejects.toEqual(
      refused('policies/delete'),
    );
    await client().policy.delete(RG, GW, 'policy', '*');
  });

  it('lists all policies and who includes a fragment, also after a restart', async () => {
    await putAt(under, `${SERVICE}/policyFragments/common`, { value: '<fragment />' });
    const text = `\uFEFF${policyWith('<include-fragment fragment-id="common" />\r\n')}`;
    await putPolicy(under, `${SERVICE}/apis/orders`, rawOf('apiPolicy'));
    await putPolicy(under, SERVICE, text);
    const { eTag } = await client().policy.getEntityTag(RG, GW, 'policy');
    await putAt(under, `${SERVICE}/namedValues/kept`, {
      displayName: 'kept',
      value: 'a',
      secret: true,
    });
    const all = async (): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const one of client().allPolicies.listByService(RG, GW)) {
        found.push(one.referencePolicyId);
      }
      const references = await client().policyFragment.listReferences(RG, GW, 'common');
      return [...found, ...(references.value ?? []).map(({ id }) => id)];
    };
    const before = await all();
    expect(before).toEqual([
      `${SERVICE}/apis/orders/policies/policy`,
      `${SERVICE}/policies/policy`,
      `${SERVICE}/policies/policy`,
    ]);
    await under.restart();
    expect(await all()).toEqual(before);
    const kept = await client().policy.get(RG, GW, 'policy', rawxml);
    expect(kept).toMatchObject({ value: text, eTag });
    expect((await client().namedValue.listValue(RG, GW, 'kept')).value).toBe('a');
  });
});

/** Some groups answer pages, some the whole list at once. */
async function whole<T>(list: Promise<{ readonly value?: T[] }> | AsyncIterable<T>): Promise<T[]> {
  if (!(Symbol.asyncIterator in list)) return (await list).value ?? [];
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

function valueIn(text: string): string {
  const body: unknown = JSON.parse(text);
  const properties: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'properties') : undefined;
  return typeof properties === 'object' && properties !== null
    ? String(Reflect.get(properties, 'value'))
    : '';
}
