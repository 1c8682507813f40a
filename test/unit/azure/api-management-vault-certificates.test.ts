import { GROUP, type SecretAnswer } from '../../support/azure/arm-world.ts';
import { until } from '../../support/azure/until.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import {
  CERTIFICATES,
  makeCertificatesWorld,
  SECRET,
  SERVICE,
  VERSION,
} from '../../support/azure/certificates-world.ts';

describe('certificates of an API Management service', () => {
  const world = makeCertificatesWorld();
  const { service, secret, refuse, put, attach, get, refresh, errorOf } = world;

  describe('from Key Vault', () => {
    it('are read as the system-assigned identity and answered in the documented shape', async () => {
      const made = await attach();
      expect(made.status).toBe(201);
      expect(made.headers['etag']).toMatch(/^"[A-Za-z0-9+/=]{12}"$/);
      expect(made.body).toEqual({
        id: `${CERTIFICATES}/gateway-client`,
        type: 'Microsoft.ApiManagement/service/certificates',
        name: 'gateway-client',
        properties: {
          subject: 'CN=gateway, O=Contoso',
          thumbprint: world.first.thumbprint,
          expirationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
          keyVault: {
            secretIdentifier: SECRET,
            lastStatus: {
              code: 'Success',
              timeStampUtc: expect.stringMatching(/\.\d{7}Z$/) as unknown,
            },
          },
        },
      });
      const principalId = (await world.arm.ask('GET', SERVICE)).at('identity', 'principalId');
      expect(world.arm.reads).toEqual([
        {
          identifier: SECRET,
          as: expect.objectContaining({ kind: 'systemAssigned', objectId: principalId }) as unknown,
        },
      ]);
      expect((await get()).body).toEqual(made.body);
    });

    it('are read as the user-assigned identity that is named', async () => {
      const identity = await world.arm.ask(
        'PUT',
        `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gw`,
        {
          body: { location: 'westeurope' },
        },
      );
      await service({
        type: 'UserAssigned',
        userAssignedIdentities: { [String(identity.at('id'))]: {} },
      });
      const clientId = String(identity.at('properties', 'clientId'));
      const made = await attach('one', { secretIdentifier: SECRET, identityClientId: clientId });
      expect(made.status).toBe(201);
      expect(made.at('properties', 'keyVault', 'identityClientId')).toBe(clientId);
      expect(world.arm.reads.at(-1)?.as).toMatchObject({
        kind: 'userAssigned',
        objectId: identity.at('properties', 'principalId'),
      });
      // Without naming it there is no identity to read with.
      expect(errorOf(await attach('two'))).toEqual([400, 'InvalidOperation', undefined]);
    });

    it('need an identity', async () => {
      await service(undefined);
      const answer = await attach();
      expect(answer.status).toBe(400);
      expect(answer.at('error', 'message')).toContain('Managed Service Identity');
      expect((await get()).status).toBe(404);
      expect(world.arm.reads).toEqual([]);
    });

    it('refuse a client id that is none of the service, its own system-assigned one included', async () => {
      const principalId = String(
        (await world.arm.ask('GET', SERVICE)).at('identity', 'principalId'),
      );
      const stranger = '99999999-9999-4999-8999-999999999999';
      for (const identityClientId of [stranger, principalId]) {
        const answer = await attach('x', { secretIdentifier: SECRET, identityClientId });
        expect(errorOf(answer)).toEqual([400, 'ValidationError', 'identityClientId']);
        expect(answer.at('error', 'details', 0, 'message')).toContain(
          'Can not find Managed Identity',
        );
      }
    });

    it.each([
      [
        'a /certificates/ identifier',
        'https://contoso-kv.vault.azure.net/certificates/gateway-client',
        'only accepts KeyVault Secrets type',
      ],
      [
        'an identifier that is no address',
        'gateway-client',
        'not a valid Key Vault secret identifier',
      ],
      [
        'an identifier of another host',
        'https://evil.example.com/secrets/x',
        'not a valid Key Vault secret identifier',
      ],
      [
        'an identifier with something behind the version',
        `${SECRET}/${VERSION}/more`,
        'not a valid Key Vault secret identifier',
      ],
    ])('refuse %s', async (_what, secretIdentifier, message) => {
      const answer = await attach('x', { secretIdentifier });
      expect(errorOf(answer)).toEqual([400, 'ValidationError', 'secretIdentifier']);
      expect(answer.at('error', 'details', 0, 'message')).toContain(message);
      expect(world.arm.reads).toEqual([]);
    });

    it.each<[string, SecretAnswer]>([
      ['is not PKCS#12', { kind: 'read', id: SECRET, contentType: 'text/plain', value: 'hello' }],
      [
        'is PKCS#12 by name only',
        { kind: 'read', id: SECRET, contentType: 'application/x-pkcs12', value: 'aGVsbG8=' },
      ],
    ])('refuse a secret that %s', async (_what, secretAnswer) => {
      world.arm.secrets.set(SECRET, secretAnswer);
      expect(errorOf(await attach())).toEqual([400, 'ValidationError', 'secretIdentifier']);
    });

    it.each([
      ['expired', { from: -7_200, to: -3_600 }],
      ['not valid yet', { from: 3_600, to: 7_200 }],
    ])('that are %s are refused, or taken, as is assumed', async (_what, validity) => {
      const { pfx: value } = await makeTestCertificate('CN=test', undefined, validity);
      const contentType = 'application/x-pkcs12';
      world.arm.secrets.set(SECRET, { kind: 'read', id: SECRET, contentType, value });
      expect(errorOf(await attach())).toEqual([400, 'ValidationError', 'secretIdentifier']);
      world.arm.put({ 'assumptions.certificateOutsideValidity': 'accept' });
      expect((await attach()).status).toBe(201);
    });

    it('that cannot be read are refused, or stored with what went wrong, as is assumed', async () => {
      refuse(SECRET, {});
      const refused = await attach();
      expect(errorOf(refused)).toEqual([400, 'InvalidOperation', undefined]);
      expect(refused.at('error', 'message')).toContain('has GET permissions on secrets');
      expect((await get()).status).toBe(404);

      world.arm.put({ 'assumptions.unreadableKeyVaultPut': 'store' });
      const stored = await attach();
      expect(stored.status).toBe(201);
      expect(stored.at('properties', 'thumbprint')).toBeNull();
      expect(stored.at('properties', 'keyVault', 'lastStatus')).toMatchObject({
        code: 'Forbidden',
        message: 'Caller is not authorized',
      });
    });
  });

  describe('that are refreshed', () => {
    it('hold the new thumbprint at once, under a new ETag', async () => {
      const made = await attach();
      secret(SECRET, world.second);
      const answer = await refresh();
      expect(answer.status).toBe(200);
      expect(answer.at('properties', 'thumbprint')).toBe(world.second.thumbprint);
      expect(answer.headers['etag']).not.toBe(made.headers['etag']);
      expect((await get()).at('properties', 'thumbprint')).toBe(world.second.thumbprint);
    });

    it('without a new version keep their ETag', async () => {
      const made = await attach();
      expect((await refresh()).headers['etag']).toBe(made.headers['etag']);
    });

    it('keep what they have when the vault refuses, and say why', async () => {
      await attach();
      refuse(SECRET, { status: 404, code: 'SecretNotFound', message: 'gone' });
      const answer = await refresh();
      expect(errorOf(answer)).toEqual([400, 'InvalidOperation', undefined]);
      const after = await get();
      expect(after.at('properties', 'thumbprint')).toBe(world.first.thumbprint);
      expect(after.at('properties', 'keyVault', 'lastStatus')).toMatchObject({
        code: 'SecretNotFound',
        message: 'gone',
      });

      const failed = await world.arm.ask('GET', CERTIFICATES, {
        query: { isKeyVaultRefreshFailed: 'true' },
      });
      expect(failed.at('count')).toBe(1);
      secret(SECRET, world.first);
      await refresh();
      const cured = await world.arm.ask('GET', CERTIFICATES, {
        query: { isKeyVaultRefreshFailed: 'true' },
      });
      expect(cured.at('count')).toBe(0);
    });

    it('answer the failure as a status when that is assumed', async () => {
      world.arm.put({ 'assumptions.failedRefresh': 'answer' });
      await attach();
      refuse(SECRET, {});
      const answer = await refresh();
      expect(answer.status).toBe(200);
      expect(answer.at('properties', 'keyVault', 'lastStatus', 'code')).toBe('Forbidden');
    });

    it('answer the previous state when that is assumed, and the new one to the next GET', async () => {
      world.arm.put({ 'assumptions.refreshAnswer': 'previous' });
      await attach();
      secret(SECRET, world.second);
      expect((await refresh()).at('properties', 'thumbprint')).toBe(world.first.thumbprint);
      expect((await get()).at('properties', 'thumbprint')).toBe(world.second.thumbprint);
    });

    it('must come from Key Vault, unless that is assumed otherwise', async () => {
      await put('uploaded', { data: world.first.pfx, password: '' });
      expect((await refresh('uploaded')).status).toBe(400);
      world.arm.put({ 'assumptions.refreshOfUploadedCertificate': 'answer' });
      expect((await refresh('uploaded')).at('properties', 'thumbprint')).toBe(
        world.first.thumbprint,
      );
      expect((await refresh('missing')).status).toBe(404);
    });

    it('lose nothing when they are deleted while the vault is read', async () => {
      await attach();
      const refreshing = refresh();
      await world.arm.ask('DELETE', `${CERTIFICATES}/gateway-client`, {
        headers: { 'if-match': '*' },
      });
      expect((await refreshing).status).toBe(404);
      expect((await get()).status).toBe(404);
    });

    it('read a pinned version and nothing newer', async () => {
      secret(`${SECRET}/${VERSION}`, world.first);
      await attach('pinned', { secretIdentifier: `${SECRET}/${VERSION}` });
      secret(SECRET, world.second);
      expect((await refresh('pinned')).at('properties', 'thumbprint')).toBe(world.first.thumbprint);
    });
  });

  describe('that nobody refreshes', () => {
    const thumbprint = async (name: string): Promise<unknown> =>
      (await get(name)).at('properties', 'thumbprint');

    it('are read again within four hours when they name no version', async () => {
      secret(`${SECRET}/${VERSION}`, world.first);
      await attach();
      await attach('pinned', { secretIdentifier: `${SECRET}/${VERSION}` });
      secret(SECRET, world.second);
      secret(`${SECRET}/${VERSION}`, world.second);
      world.arm.advance(4 * 3600);
      await until(async () => (await thumbprint('gateway-client')) === world.second.thumbprint);
      expect(await thumbprint('pinned')).toBe(world.first.thumbprint);
    });

    it('are read again after a restart, on the schedule from before it', async () => {
      await attach();
      world.arm.advance(3 * 3600);
      const readsBefore = world.arm.reads.length;
      const again = world.arm.restarted();
      again.secrets.set(SECRET, {
        kind: 'read',
        id: SECRET,
        contentType: 'application/x-pkcs12',
        value: world.second.pfx,
      });
      again.advance(3600);
      await until(async () => {
        const answer = await again.ask('GET', `${CERTIFICATES}/gateway-client`);
        return answer.at('properties', 'thumbprint') === world.second.thumbprint;
      });
      expect(world.arm.reads.length).toBe(readsBefore);
    });
  });
});
