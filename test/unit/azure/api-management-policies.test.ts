import {
  authenticationCertificate,
  plainPolicy,
  policyWith,
  putApi,
  putPolicy,
  putProduct,
  readRawXml,
} from '../../support/azure/seed-contents.ts';
import {
  errorOf,
  makePolicyScopes,
  makeServiceWorld,
  namesOf,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

const PLAIN = policyWith('');

describe('policies', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  it('are at every scope of a service and of a workspace, each with its own type', async () => {
    const types: unknown[] = [];
    for (const scope of await makePolicyScopes(world)) {
      const policy = `${scope}/policies/policy`;
      expect(errorOf(await world.get(policy))).toMatchObject({
        status: 404,
        message: 'Policy not found.',
      });
      const value = plainPolicy(policy);
      const made = await world.put(policy, { value });
      expect(made.status).toBe(201);
      expect(made.headers['etag']).toMatch(/^".{12}"$/);
      const read = await world.get(policy);
      expect(read.body).toEqual({
        id: policy,
        type: made.at('type'),
        name: 'policy',
        properties: { value, format: 'xml' },
      });
      expect(read.headers['etag']).toBe(made.headers['etag']);
      const head = await world.ask('HEAD', policy);
      expect([head.status, head.headers['etag']]).toEqual([200, made.headers['etag']]);
      const list = await world.get(`${scope}/policies`);
      expect([namesOf(list), list.at('count')]).toEqual([['policy'], 1]);
      types.push(String(made.at('type')).replace('Microsoft.ApiManagement/service', ''));
    }
    expect(types).toEqual([
      '/policies',
      '/apis/policies',
      '/apis/operations/policies',
      '/products/policies',
      '/workspaces/policies',
      '/workspaces/apis/policies',
      '/workspaces/apis/operations/policies',
      '/workspaces/products/policies',
      '/apis/resolvers/policies',
    ]);
  });

  it('need a scope that is there, and have no other name', async () => {
    const missing = await world.put(`${SERVICE}/apis/none/policies/policy`, { value: PLAIN });
    expect(errorOf(missing)).toMatchObject({ status: 404, message: 'API not found.' });
    const other = await world.put(`${SERVICE}/policies/mine`, { value: PLAIN });
    expect(errorOf(other)).toMatchObject({ status: 400, target: 'policyId' });
  });

  it('come back as rawxml byte for byte', async () => {
    const text =
      '\uFEFF<policies>\r\n\t<inbound>\r\n\t\t<choose><when condition="@(context.Request.Certificate == null || 1 < 2 && "a" != \'b\')" /></choose>\r\n\t</inbound>\n</policies>\r\n';
    const policy = await putPolicy(world, SERVICE, text);
    expect(await readRawXml(world, policy)).toBe(text);
    expect((await world.get(policy)).at('properties', 'value')).toContain(
      '"@(context.Request.Certificate == null || 1 &lt; 2 &amp;&amp; &quot;a&quot; != \'b\')"',
    );
    expect((await world.get(`${policy}?format=rawxml`)).at('properties', 'format')).toBe('rawxml');
  });

  it('are answered as xml to a PUT of rawxml, and put as xml are read as rawxml', async () => {
    const raw = policyWith('<set-body>@(1 < 2 ? "a" : "b")</set-body>');
    const escaped = raw.replace('1 < 2', '1 &lt; 2');
    const made = await world.put(`${SERVICE}/policies/policy`, { value: raw, format: 'rawxml' });
    expect(made.at('properties')).toEqual({ value: escaped, format: 'xml' });
    const policy = await putPolicy(world, SERVICE, escaped, 'xml');
    expect(await readRawXml(world, policy)).toBe(raw);
    expect((await world.get(policy)).at('properties', 'value')).toBe(escaped);
  });

  it.each([
    ['no XML', { value: '<policies>', format: 'rawxml' }, 'representation'],
    ['another root', { value: '<policy/>' }, 'policy'],
    ['no value', { format: 'xml' }, 'value'],
    ['an unknown format', { value: PLAIN, format: 'json' }, 'format'],
    ['a link', { value: 'https://contoso.com/a.xml', format: 'xml-link' }, 'format'],
    ['a raw link', { value: 'https://contoso.com/a.xml', format: 'rawxml-link' }, 'format'],
  ])('are refused for %s', async (_, properties, target) => {
    const answer = await world.put(`${SERVICE}/policies/policy`, properties);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'ValidationError', target });
  });

  it('are not read in a format that there is not', async () => {
    const policy = await putPolicy(world, SERVICE, PLAIN);
    expect((await world.get(`${policy}?format=json`)).status).toBe(400);
  });

  describe('ETags', () => {
    it('are new with every change, and an update needs the present one', async () => {
      const policy = `${SERVICE}/policies/policy`;
      const first = await world.put(policy, { value: PLAIN });
      expect((await world.put(policy, { value: PLAIN })).status).toBe(412);
      const second = await world.put(policy, { value: PLAIN }, first.headers['etag']);
      expect(second.status).toBe(200);
      expect(second.headers['etag']).not.toBe(first.headers['etag']);
      expect((await world.put(policy, { value: PLAIN }, first.headers['etag'])).status).toBe(412);
      expect((await world.put(policy, { value: PLAIN }, '*')).status).toBe(200);
    });

    it('are not needed where the setting says so', async () => {
      world.arm.put({ 'assumptions.updateWithoutIfMatch': 'accept' });
      const policy = await putPolicy(world, SERVICE, PLAIN);
      expect((await world.put(policy, { value: PLAIN })).status).toBe(200);
    });

    it('are needed to delete', async () => {
      const policy = await putPolicy(world, SERVICE, PLAIN);
      expect((await world.remove(policy)).status).toBe(412);
      expect((await world.remove(policy, '"AAAAAAAAAAA="')).status).toBe(412);
      expect((await world.remove(policy, '*')).status).toBe(200);
      expect((await world.remove(policy, '*')).status).toBe(204);
      expect((await world.get(policy)).status).toBe(404);
    });
  });

  it('go with their scope, and with their service', async () => {
    const scopes = await makePolicyScopes(world);
    for (const scope of scopes) await putPolicy(world, scope, plainPolicy(scope));
    const left = async (): Promise<number> => {
      const found = await Promise.all(scopes.map((scope) => world.get(`${scope}/policies/policy`)));
      return found.filter(({ status }) => status === 200).length;
    };
    expect(await left()).toBe(9);
    await world.remove(`${SERVICE}/apis/orders`, '*');
    await putApi(world, SERVICE, 'orders', ['get']);
    expect(await left()).toBe(7);
    await world.remove(WORKSPACE, '*');
    await world.put(WORKSPACE, { displayName: 'Team' });
    await putApi(world, WORKSPACE, 'orders', ['get']);
    await putProduct(world, WORKSPACE, 'starter');
    expect(await left()).toBe(3);
    await world.remove(SERVICE);
    await world.ask('PUT', SERVICE, {
      location: 'westeurope',
      sku: { name: 'Developer', capacity: 1 },
      properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
    });
    expect((await world.get(`${SERVICE}/apis`)).at('count')).toBe(0);
    expect(await left()).toBe(0);
  });

  it('are kept over a restart', async () => {
    const policy = await putPolicy(world, SERVICE, '\uFEFF<policies />\r\n');
    const before = await world.get(policy);
    const arm = world.arm.restarted();
    const after = await arm.ask('GET', `${policy}?format=rawxml`);
    expect(after.at('properties', 'value')).toBe('\uFEFF<policies />\r\n');
    expect(after.headers['etag']).toBe(before.headers['etag']);
  });

  it('take no changes while their service is updated, if the setting says so', async () => {
    const policy = await putPolicy(world, SERVICE, PLAIN);
    world.arm.put({ 'apiManagement.operationSeconds': 900 });
    await world.ask('PATCH', SERVICE, { tags: { a: 'b' } });
    expect((await world.put(policy, { value: PLAIN }, '*')).status).toBe(200);
    world.arm.put({ 'assumptions.changeDuringUpdate': 'refuse' });
    expect(errorOf(await world.put(policy, { value: PLAIN }, '*'))).toMatchObject({
      status: 409,
      code: 'ServiceLocked',
    });
    expect((await world.remove(policy, '*')).status).toBe(409);
  });

  describe('that name certificates', () => {
    const put = (element: string, at = SERVICE) =>
      world.put(`${at}/policies/policy`, { value: policyWith(element), format: 'rawxml' }, '*');

    it('are taken with one that is not there, or refused, as the setting says', async () => {
      const byId = authenticationCertificate({ id: 'none' });
      const byThumbprint = authenticationCertificate({ thumbprint: 'AB12' });
      expect((await put(byId)).status).toBe(201);
      expect((await put(byThumbprint)).status).toBe(200);
      world.arm.put({ 'assumptions.policyWithUnknownCertificate': 'refuse' });
      expect(errorOf(await put(byId))).toEqual({
        status: 400,
        code: 'ValidationError',
        target: 'authentication-certificate',
        message:
          "Error in element 'authentication-certificate' on line 2, column 21: Certificate with id 'none' not found.",
      });
      expect((await put(byThumbprint)).status).toBe(400);
      expect((await put(authenticationCertificate({ id: '@("none")' }))).status).toBe(200);
      expect((await put(authenticationCertificate({ id: '{{certificate}}' }))).status).toBe(200);
      const thumbprint = await world.upload(SERVICE, 'none');
      expect((await put(byId)).status).toBe(200);
      expect((await put(authenticationCertificate({ thumbprint }))).status).toBe(200);
      // A workspace has certificates of its own.
      expect((await put(byId, WORKSPACE)).status).toBe(400);
    });

    it('by thumbprint are taken for one from Key Vault, or asked for its id', async () => {
      const thumbprint = await world.attach('gateway');
      const element = authenticationCertificate({ thumbprint: thumbprint.toLowerCase() });
      expect((await put(element)).status).toBe(201);
      world.arm.put({ 'assumptions.thumbprintOfKeyVaultCertificate': 'refuse' });
      expect(errorOf(await put(element))).toMatchObject({
        status: 400,
        target: 'authentication-certificate',
        message: `Error in element 'authentication-certificate' on line 2, column 21: The Certificate with id 'gateway' and thumbprint '${thumbprint}' is configured with KeyVault secret 'https://contoso-kv.vault.azure.net/secrets/gateway' and cannot be referenced by thumbprint. Please reference it with certificate-id 'gateway' in the policy.`,
      });
      const uploaded = await world.upload(SERVICE, 'uploaded');
      expect((await put(authenticationCertificate({ thumbprint: uploaded }))).status).toBe(200);
    });
  });
});
