/** Where a certificate is named by its id, and what becomes of it then. */
import {
  authenticationCertificate,
  policyWith,
  putApi,
  putBackend,
  putFragment,
  putGateway,
  putPolicy,
} from '../../support/azure/seed-contents.ts';
import {
  errorOf,
  makeServiceWorld,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

describe('what uses a certificate', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  const certificate = (at = SERVICE): string => `${at}/certificates/gateway`;
  const cluster = {
    url: 'fabric:/app/service',
    protocol: 'http',
    properties: {
      serviceFabricCluster: {
        managementEndpoints: ['https://cluster.contoso.com'],
        clientCertificateId: certificate(),
        clientCertificatethumbprint: 'AB12',
        serverCertificateThumbprints: ['CD34'],
      },
    },
  };

  describe('backends', () => {
    it.each([
      ['a service', SERVICE, 'Microsoft.ApiManagement/service/backends'],
      ['a workspace', WORKSPACE, 'Microsoft.ApiManagement/service/workspaces/backends'],
    ])('of %s carry credentials, and a PATCH replaces them whole', async (_, at, type) => {
      await world.upload(at, 'gateway');
      const id = `${at}/backends/orders`;
      const credentials = {
        certificateIds: [certificate(at)],
        certificate: ['AB12'],
        header: { 'x-a': ['b'] },
      };
      const properties = { url: 'https://orders', protocol: 'http', title: 'Orders', credentials };
      const made = await world.put(id, properties);
      expect(made.status).toBe(201);
      expect(made.body).toEqual({ id, type, name: 'orders', properties });
      expect((await world.ask('HEAD', id)).headers['etag']).toBe(made.headers['etag']);
      const body = { properties: { credentials: { certificate: ['CD34'] }, title: null } };
      expect((await world.ask('PATCH', id, body)).status).toBe(412);
      const ifMatch = { 'if-match': made.headers['etag'] ?? '' };
      const changed = await world.ask('PATCH', id, body, ifMatch);
      expect(changed.status).toBe(200);
      expect(changed.at('properties')).toEqual({
        url: 'https://orders',
        protocol: 'http',
        credentials: { certificate: ['CD34'] },
      });
      expect((await world.ask('PATCH', id, body, ifMatch)).status).toBe(412);
      expect((await world.ask('PATCH', `${at}/backends/none`, body, ifMatch)).status).toBe(404);
    });

    it('carry a Service Fabric cluster with its certificates', async () => {
      await world.upload(SERVICE, 'gateway');
      const made = await world.put(`${SERVICE}/backends/fabric`, cluster);
      expect(made.at('properties')).toEqual(cluster);
    });

    it('may be merged by a PATCH, as nobody documents it', async () => {
      world.arm.put({ 'assumptions.patchOfNestedProperties': 'merge' });
      const id = `${SERVICE}/backends/merged`;
      const credentials = { certificate: ['AB12'], header: { 'x-key': ['a'], 'x-old': ['b'] } };
      await world.put(id, { url: 'https://orders', protocol: 'http', credentials });
      const given = { certificate: [], header: { 'x-old': null } };
      const body = { properties: { credentials: given } };
      const changed = await world.ask('PATCH', id, body, { 'if-match': '*' });
      expect(changed.at('properties', 'credentials')).toEqual({
        certificate: [],
        header: { 'x-key': ['a'] },
      });
    });

    it('refuse a certificate that is not there, in the credentials and in the cluster', async () => {
      await world.upload(WORKSPACE, 'gateway');
      const plain = { url: 'https://orders', protocol: 'http' };
      const named = { ...plain, credentials: { certificateIds: [certificate()] } };
      expect(errorOf(await world.put(`${SERVICE}/backends/a`, named))).toEqual({
        status: 400,
        code: 'ValidationError',
        target: 'credentials',
        message: "Certificate with id 'gateway' not found.",
      });
      expect((await world.put(`${SERVICE}/backends/a`, cluster)).status).toBe(400);
      expect((await world.put(`${SERVICE}/backends/a`, plain)).status).toBe(201);
    });

    it.each(['url', 'protocol'])('need their %s', async (missing) => {
      const properties = { url: 'https://orders', protocol: 'http', [missing]: undefined };
      const answer = await world.put(`${SERVICE}/backends/a`, properties);
      expect(errorOf(answer)).toMatchObject({ status: 400, target: missing });
    });

    it('take the thumbprint of a certificate from Key Vault, or ask for its id', async () => {
      const thumbprint = await world.attach('gateway');
      const put = () => putBackend(world, SERVICE, 'orders', { certificate: [thumbprint] });
      await put();
      world.arm.put({ 'assumptions.thumbprintOfKeyVaultCertificate': 'refuse' });
      await expect(put()).rejects.toThrow('cannot be referenced by thumbprint');
    });
  });

  describe('self-hosted gateways', () => {
    it('are kept with their host names and authorities', async () => {
      await world.upload(SERVICE, 'gateway');
      await world.upload(SERVICE, 'root');
      const id = await putGateway(world, SERVICE, 'hall', {
        hostname: 'gateway',
        authority: 'root',
      });
      expect((await world.get(id)).body).toEqual({
        id,
        type: 'Microsoft.ApiManagement/service/gateways',
        name: 'hall',
        properties: { locationData: { name: 'Hall 1' } },
      });
      expect((await world.get(`${id}/hostnameConfigurations`)).body).toEqual({
        value: [
          {
            id: `${id}/hostnameConfigurations/default`,
            type: 'Microsoft.ApiManagement/service/gateways/hostnameConfigurations',
            name: 'default',
            properties: { hostname: '*', certificateId: certificate() },
          },
        ],
        count: 1,
      });
      expect((await world.get(`${id}/certificateAuthorities`)).body).toEqual({
        value: [
          {
            id: `${id}/certificateAuthorities/root`,
            type: 'Microsoft.ApiManagement/service/gateways/certificateAuthorities',
            name: 'root',
            properties: { isTrusted: false },
          },
        ],
        count: 1,
      });
      const changed = await world.ask(
        'PATCH',
        id,
        { properties: { description: 'In the hall' } },
        { 'if-match': '*' },
      );
      expect(changed.at('properties', 'locationData', 'name')).toBe('Hall 1');
      expect((await world.remove(id, '*')).status).toBe(200);
      expect((await world.get(`${id}/certificateAuthorities/root`)).status).toBe(404);
    });

    it('refuse certificates that are not there', async () => {
      const id = await putGateway(world, SERVICE, 'hall');
      const fault = {
        status: 400,
        target: 'certificateId',
        message: "Certificate with id 'gateway' not found.",
      };
      const authority = `${id}/certificateAuthorities/gateway`;
      expect(errorOf(await world.put(authority, { isTrusted: true }))).toMatchObject(fault);
      const hostname = { hostname: '*', certificateId: certificate() };
      const answer = await world.put(`${id}/hostnameConfigurations/default`, hostname);
      expect(errorOf(answer)).toMatchObject(fault);
    });
  });

  describe('deleting a certificate', () => {
    const policy = policyWith(authenticationCertificate({ id: 'Gateway' }));
    const uses: [string, string, () => Promise<unknown>][] = [
      [
        'a backend',
        '/backends/orders',
        () => putBackend(world, SERVICE, 'orders', { certificateIds: [certificate()] }),
      ],
      ['a cluster', '/backends/fabric', () => world.put(`${SERVICE}/backends/fabric`, cluster)],
      ['the policy of the service', '/policies/policy', () => putPolicy(world, SERVICE, policy)],
      [
        'the policy of an operation',
        '/apis/a/operations/get/policies/policy',
        async () =>
          putPolicy(world, `${await putApi(world, SERVICE, 'a', ['get'])}/operations/get`, policy),
      ],
      [
        'a fragment',
        '/policyFragments/common',
        () => putFragment(world, SERVICE, 'common', authenticationCertificate({ id: 'gateway' })),
      ],
      [
        'a host name of a gateway',
        '/gateways/hall/hostnameConfigurations/default',
        () => putGateway(world, SERVICE, 'hall', { hostname: 'gateway' }),
      ],
      [
        'an authority of a gateway',
        '/gateways/hall/certificateAuthorities/gateway',
        () => putGateway(world, SERVICE, 'hall', { authority: 'gateway' }),
      ],
    ];

    beforeEach(async () => {
      await world.upload(SERVICE, 'gateway');
      await world.upload(WORKSPACE, 'gateway');
    });

    it.each(uses)('is refused while %s names it, until that is gone', async (_, path, use) => {
      await use();
      expect(errorOf(await world.remove(certificate(), '*'))).toEqual({
        status: 400,
        code: 'ValidationError',
        target: undefined,
        message: `The Certificate 'gateway' is used by the following entities:\r\n${path}\r\n`,
      });
      // A workspace has certificates and users of its own.
      expect((await world.remove(certificate(WORKSPACE), '*')).status).toBe(200);
      expect((await world.remove(`${SERVICE}${path}`, '*')).status).toBe(200);
      expect((await world.remove(certificate(), '*')).status).toBe(200);
    });

    it.each(uses)('is done although %s names it, if the setting says so', async (_, path, use) => {
      world.arm.put({ 'assumptions.deleteCertificateInUse': 'accept' });
      await use();
      expect((await world.remove(certificate(), '*')).status).toBe(200);
      expect((await world.get(`${SERVICE}${path}`)).status).toBe(200);
    });

    it('is refused in a workspace by what is in the workspace', async () => {
      await putPolicy(world, WORKSPACE, policy);
      expect(errorOf(await world.remove(certificate(WORKSPACE), '*')).message).toContain(
        '\r\n/workspaces/team/policies/policy\r\n',
      );
      expect((await world.remove(certificate(), '*')).status).toBe(200);
    });

    it('is done when it is only named by thumbprint or by an expression', async () => {
      const thumbprint = await world.upload(SERVICE, 'other');
      await putPolicy(
        world,
        SERVICE,
        policyWith(
          authenticationCertificate({ thumbprint }) +
            authenticationCertificate({ id: '@("other")' }),
        ),
      );
      await putBackend(world, SERVICE, 'orders', { certificate: [thumbprint] });
      expect((await world.remove(`${SERVICE}/certificates/other`, '*')).status).toBe(200);
    });
  });
});
