/**
 * The real API Management client against the simulated Azure: every operation group of what a service
 * or a workspace holds besides certificates and policies.
 */
import type { ApiManagementClient } from '@azure/arm-apimanagement';
import type { AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { GW, RG, SERVICE, startContentsWorld, WS } from '../../support/azure/contents-world.ts';

interface Seen {
  readonly name?: string;
  readonly eTag?: string;
}
/** What the operation groups have alike; they differ in which ids come before the body. */
interface Group {
  createOrUpdate?(...args: unknown[]): Promise<Seen>;
  beginCreateOrUpdateAndWait?(...args: unknown[]): Promise<Seen>;
  update?(...args: unknown[]): Promise<Seen>;
  beginUpdateAndWait?(...args: unknown[]): Promise<Seen>;
  get(...args: unknown[]): Promise<Seen>;
  getEntityTag(...args: unknown[]): Promise<Seen>;
  delete?(...args: unknown[]): Promise<unknown>;
  beginDeleteAndWait?(...args: unknown[]): Promise<unknown>;
}
interface Row {
  readonly of: (client: ApiManagementClient) => Group;
  readonly at: readonly string[];
  readonly name?: string;
  readonly body: unknown;
  /** Undefined where the service has no PATCH. */
  readonly patch?: unknown;
  readonly list: (client: ApiManagementClient) => AsyncIterable<Seen>;
}

const api = { displayName: 'Extra', path: 'extra' };
const operation = { displayName: 'Put', method: 'PUT', urlTemplate: '/' };
const product = { displayName: 'Extra' };
const backend = { url: 'https://orders', protocol: 'http' };
const value = { displayName: 'extra', value: 'AB12', secret: true };
const fragment = { value: '<fragment />', format: 'rawxml' };
const described = { description: 'Something else' };
const certificateId = `${SERVICE}/certificates/gateway`;

const ROWS: Readonly<Record<string, Row>> = {
  api: {
    of: (client) => client.api,
    at: [],
    body: api,
    patch: described,
    list: (client) => client.api.listByService(RG, GW),
  },
  workspaceApi: {
    of: (client) => client.workspaceApi,
    at: [WS],
    body: api,
    patch: described,
    list: (client) => client.workspaceApi.listByService(RG, GW, WS),
  },
  apiOperation: {
    of: (client) => client.apiOperation,
    at: ['orders'],
    body: operation,
    patch: described,
    list: (client) => client.apiOperation.listByApi(RG, GW, 'orders'),
  },
  workspaceApiOperation: {
    of: (client) => client.workspaceApiOperation,
    at: [WS, 'orders'],
    body: operation,
    patch: described,
    list: (client) => client.workspaceApiOperation.listByApi(RG, GW, WS, 'orders'),
  },
  graphQLApiResolver: {
    of: (client) => client.graphQLApiResolver,
    at: ['graph'],
    body: { displayName: 'Extra', path: 'Query/extra' },
    patch: described,
    list: (client) => client.graphQLApiResolver.listByApi(RG, GW, 'graph'),
  },
  product: {
    of: (client) => client.product,
    at: [],
    body: product,
    patch: described,
    list: (client) => client.product.listByService(RG, GW),
  },
  workspaceProduct: {
    of: (client) => client.workspaceProduct,
    at: [WS],
    body: product,
    patch: described,
    list: (client) => client.workspaceProduct.listByService(RG, GW, WS),
  },
  backend: {
    of: (client) => client.backend,
    at: [],
    body: backend,
    patch: described,
    list: (client) => client.backend.listByService(RG, GW),
  },
  workspaceBackend: {
    of: (client) => client.workspaceBackend,
    at: [WS],
    body: backend,
    patch: described,
    list: (client) => client.workspaceBackend.listByWorkspace(RG, GW, WS),
  },
  namedValue: {
    of: (client) => client.namedValue,
    at: [],
    body: value,
    patch: { value: 'CD34' },
    list: (client) => client.namedValue.listByService(RG, GW),
  },
  workspaceNamedValue: {
    of: (client) => client.workspaceNamedValue,
    at: [WS],
    body: value,
    patch: { tags: ['a'] },
    list: (client) => client.workspaceNamedValue.listByService(RG, GW, WS),
  },
  policyFragment: {
    of: (client) => client.policyFragment,
    at: [],
    body: fragment,
    list: (client) => client.policyFragment.listByService(RG, GW),
  },
  workspacePolicyFragment: {
    of: (client) => client.workspacePolicyFragment,
    at: [WS],
    body: fragment,
    list: (client) => client.workspacePolicyFragment.listByService(RG, GW, WS),
  },
  gateway: {
    of: (client) => client.gateway,
    at: [],
    body: { locationData: { name: 'Hall 1' } },
    patch: described,
    list: (client) => client.gateway.listByService(RG, GW),
  },
  gatewayHostnameConfiguration: {
    of: (client) => client.gatewayHostnameConfiguration,
    at: ['hall'],
    body: { hostname: '*', certificateId },
    list: (client) => client.gatewayHostnameConfiguration.listByService(RG, GW, 'hall'),
  },
  gatewayCertificateAuthority: {
    of: (client) => client.gatewayCertificateAuthority,
    at: ['hall'],
    name: 'gateway',
    body: { isTrusted: true },
    list: (client) => client.gatewayCertificateAuthority.listByService(RG, GW, 'hall'),
  },
};

describe('the API Management client against the simulated Azure', () => {
  let under: AzureUnderTest;
  const client = (): ApiManagementClient => under.clients.apiManagement;

  beforeAll(async () => {
    under = await startContentsWorld();
    await client().gateway.createOrUpdate(RG, GW, 'hall', { locationData: { name: 'Hall 1' } });
  });
  afterAll(() => under.stop());

  it.each(Object.entries(ROWS))(
    'puts, tags, patches, lists and deletes with %s',
    async (_, row) => {
      const { name = 'extra', body, patch, list } = row;
      const group = row.of(client());
      const at = [RG, GW, ...row.at, name];
      const poll = { updateIntervalInMs: 10 };
      const put = (options = {}): Promise<Seen> | undefined =>
        group.createOrUpdate?.(...at, body, options) ??
        group.beginCreateOrUpdateAndWait?.(...at, body, { ...poll, ...options });
      const remove = (ifMatch: string): Promise<unknown> | undefined =>
        group.delete?.(...at, ifMatch) ?? group.beginDeleteAndWait?.(...at, ifMatch, poll);
      const change = (ifMatch: string): Promise<Seen> | undefined =>
        group.update?.(...at, ifMatch, patch) ??
        group.beginUpdateAndWait?.(...at, ifMatch, patch, poll);
      const stale = { statusCode: 412, code: 'PreconditionFailed' };

      const made = await put();
      expect(made?.name).toBe(name);
      expect((await group.getEntityTag(...at)).eTag).toBe(made?.eTag);
      expect(await group.get(...at)).toMatchObject({ name, eTag: made?.eTag });
      await expect(put({ ifMatch: '"AAAAAAAAAAA="' })).rejects.toMatchObject(stale);
      let last = await put({ ifMatch: made?.eTag });
      expect(last?.eTag).not.toBe(made?.eTag);
      if (patch !== undefined) {
        await expect(change('"AAAAAAAAAAA="')).rejects.toMatchObject(stale);
        last = await change(last?.eTag ?? '');
        expect(last).toMatchObject({ name, ...(patch === described ? described : {}) });
      }
      const names: (string | undefined)[] = [];
      for await (const one of list(client())) names.push(one.name);
      expect(names).toContain(name);
      await expect(remove('"AAAAAAAAAAA="')).rejects.toMatchObject(stale);
      await remove(last?.eTag ?? '');
      await expect(group.get(...at)).rejects.toMatchObject({
        statusCode: 404,
        code: 'ResourceNotFound',
      });
    },
  );

  it('carries what a backend says of certificates both ways', async () => {
    const made = await client().backend.createOrUpdate(RG, GW, 'fabric', {
      url: 'fabric:/app/service',
      protocol: 'http',
      credentials: { certificateIds: [certificateId], certificate: ['AB12'] },
      properties: {
        serviceFabricCluster: {
          managementEndpoints: ['https://cluster'],
          clientCertificateId: certificateId,
          clientCertificatethumbprint: 'AB12',
          serverCertificateThumbprints: ['CD34'],
        },
      },
    });
    const deleting = client().certificate.delete(RG, GW, 'gateway', '*');
    await expect(deleting).rejects.toMatchObject({ statusCode: 400, code: 'ValidationError' });
    const { eTag = '' } = await client().backend.update(RG, GW, 'fabric', made.eTag ?? '', {
      credentials: { certificate: ['EF56'] },
    });
    expect(await client().backend.get(RG, GW, 'fabric')).toEqual({
      ...made,
      eTag,
      credentials: { certificate: ['EF56'] },
    });
    await client().backend.delete(RG, GW, 'fabric', eTag);
  });

  it('asks for the value of a named value', async () => {
    const { namedValue, workspaceNamedValue } = client();
    const shown = await namedValue.beginCreateOrUpdateAndWait(RG, GW, 'extra', value);
    expect(shown.value).toBeUndefined();
    expect((await namedValue.listValue(RG, GW, 'extra')).value).toBe('AB12');
    await workspaceNamedValue.beginCreateOrUpdateAndWait(RG, GW, WS, 'extra', value);
    expect((await workspaceNamedValue.listValue(RG, GW, WS, 'extra')).value).toBe('AB12');
    await expect(namedValue.beginRefreshSecretAndWait(RG, GW, 'extra')).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  it('follows the pages of a list', async () => {
    for (const name of ['a', 'b', 'c']) {
      await client().product.createOrUpdate(RG, GW, `paged-${name}`, { displayName: name });
    }
    const filter = "startswith(name, 'paged-')";
    const pages: number[] = [];
    for await (const page of client().product.listByService(RG, GW, { top: 2, filter }).byPage()) {
      pages.push(page.length);
    }
    expect(pages).toEqual([2, 1]);
  });

  it('makes a revision of an API, and lists it', async () => {
    await client().api.beginCreateOrUpdateAndWait(RG, GW, 'orders;rev=2', {
      path: 'orders',
      sourceApiId: `${SERVICE}/apis/orders`,
    });
    const revisions: unknown[] = [];
    for await (const one of client().apiRevision.listByService(RG, GW, 'orders')) {
      revisions.push([one.apiRevision, one.isCurrent]);
    }
    expect(revisions).toEqual([
      ['1', true],
      ['2', false],
    ]);
    expect((await client().apiOperation.get(RG, GW, 'orders;rev=2', 'get')).displayName).toBe(
      'Get',
    );
    await client().api.beginDeleteAndWait(RG, GW, 'orders;rev=2', '*');
  });
});
