/** What changes of a service do to its identity and to what is in it. */
import {
  GROUP,
  makeFleetWorld,
  type Answer,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';

const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
const SERVICE_CONTRIBUTOR = '312a565d-c81f-4fd8-895a-4e21e48d571c';
const IDENTITY_OPERATOR = 'f1a07417-d97a-45cb-824c-7a7467783830';
const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';

describe('an API Management service', () => {
  let arm: ArmWorld;
  beforeEach(async () => {
    arm = await makeFleetWorld();
    arm.put({ 'apiManagement.operationSeconds': 0 });
  });
  afterEach(() => arm.close());

  const put = (properties: Record<string, unknown> = {}) =>
    arm.ask('PUT', SERVICE, {
      body: {
        location: 'westeurope',
        sku: { name: 'Developer', capacity: 1 },
        tags: { team: 'edge' },
        properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso', ...properties },
      },
    });
  const get = () => arm.ask('GET', SERVICE);
  const enable = () =>
    arm.ask('PATCH', SERVICE, { body: { identity: { type: 'SystemAssigned' } } });
  const identity = (name: string): Promise<Answer> =>
    arm.ask('PUT', `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, {
      body: { location: 'westeurope' },
    });
  const assign = (
    principalId: unknown,
    role: string,
    scope: string,
    more: Record<string, string> = {},
  ): Promise<Answer> =>
    arm.ask(
      'PUT',
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
      {
        body: {
          properties: {
            principalId,
            roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
            ...more,
          },
        },
      },
    );

  it('gets its identity at the end of the operation, which the directory knows after that', async () => {
    await put();
    arm.put({
      'apiManagement.operationSeconds': 900,
      'authorization.principalReplicationSeconds': 60,
    });
    const changing = await enable();
    expect([changing.status, changing.at('identity')]).toEqual([202, undefined]);
    expect((await get()).body).toMatchObject({ properties: { provisioningState: 'Updating' } });
    expect((await get()).at('identity')).toBeUndefined();
    expect((await enable()).at('error', 'code')).toBe('ServiceLocked');

    arm.advance(900);
    const principalId = (await get()).at('identity', 'principalId');
    expect(principalId).toEqual(expect.stringMatching(/^[0-9a-f-]{36}$/));
    const early = await assign(principalId, CERTIFICATE_USER, GROUP);
    expect([early.status, early.at('error', 'code')]).toEqual([400, 'PrincipalNotFound']);
    const typed = { principalType: 'ServicePrincipal' };
    expect((await assign(principalId, CERTIFICATE_USER, GROUP, typed)).status).toBe(201);
    arm.advance(60);
    expect((await assign(principalId, CERTIFICATE_USER, SERVICE)).status).toBe(201);
  });

  it('keeps everything that a change of its identity does not name', async () => {
    const root = (await makeTestCertificate('CN=Root')).der.toString('base64');
    const certificates = [{ storeName: 'Root', encodedCertificate: root }];
    await put({ certificates, customProperties: { setting: 'kept' } });
    const before = (await get()).at('properties', 'certificates');
    expect(before).toHaveLength(1);

    await enable();
    expect((await get()).body).toMatchObject({
      identity: { type: 'SystemAssigned' },
      tags: { team: 'edge' },
      properties: {
        certificates: before,
        customProperties: { setting: 'kept' },
        publisherName: 'Contoso',
      },
    });
  });

  it('is given a user-assigned identity only by who may assign that', async () => {
    await put();
    const given = String((await identity('id-given')).at('id'));
    const caller = await identity('id-caller');
    const as = {
      kind: 'identity',
      clientId: String(caller.at('properties', 'clientId')),
      objectId: String(caller.at('properties', 'principalId')),
    } as const;
    const give = () =>
      arm.ask('PATCH', SERVICE, {
        as,
        body: { identity: { type: 'UserAssigned', userAssignedIdentities: { [given]: {} } } },
      });

    await assign(as.objectId, SERVICE_CONTRIBUTOR, SERVICE);
    const refused = await give();
    expect([refused.status, refused.at('error', 'code')]).toEqual([
      403,
      'LinkedAuthorizationFailed',
    ]);
    expect(refused.at('error', 'message')).toContain(
      `does not have permission to perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${given}'`,
    );
    await assign(as.objectId, IDENTITY_OPERATOR, given);
    expect((await give()).status).toBe(200);
  });

  describe('while it is changed', () => {
    const CERTIFICATE = `${SERVICE}/certificates/a`;
    const upload = async () => {
      const { pfx: data } = await makeTestCertificate();
      return arm.ask('PUT', CERTIFICATE, { body: { properties: { data, password: '' } } });
    };
    const slow = () => arm.put({ 'apiManagement.operationSeconds': 900 });
    const locked = [409, 'ServiceLocked'];
    const outcome = (answer: Answer) => [answer.status, answer.at('error', 'code')];

    it('takes certificates or refuses them, as is assumed', async () => {
      await put();
      slow();
      await enable();
      expect(outcome(await upload())).toEqual([201, undefined]);
      arm.put({ 'assumptions.changeDuringUpdate': 'refuse' });
      expect(outcome(await upload())).toEqual(locked);
      expect(outcome(await arm.ask('DELETE', CERTIFICATE))).toEqual(locked);
      arm.advance(900);
      expect((await arm.ask('GET', CERTIFICATE)).status).toBe(200);
    });

    it('takes none before it is there and once it goes', async () => {
      slow();
      await put();
      expect(outcome(await upload())).toEqual(locked);
      arm.advance(900);
      expect((await upload()).status).toBe(201);
      await arm.ask('DELETE', SERVICE);
      expect((await get()).at('properties', 'provisioningState')).toBe('Deleting');
      expect(outcome(await arm.ask('POST', `${CERTIFICATE}/refreshSecret`))).toEqual(locked);
    });
  });

  it('shows a state and a tier as the control address wants it, until its next change', async () => {
    expect((await arm.control('PUT', '/services/contoso-gw', {})).status).toBe(404);
    await put();
    const shown = { provisioningState: 'Failed', sku: 'Tomorrow' };
    await arm.control('PUT', '/services/contoso-gw', shown);
    expect((await get()).body).toMatchObject({
      sku: { name: 'Tomorrow' },
      properties: { provisioningState: 'Failed' },
    });
    await enable();
    expect((await get()).body).toMatchObject({
      sku: { name: 'Developer' },
      properties: { provisioningState: 'Succeeded' },
    });
  });
});
