import { putNamedValue } from '../../support/azure/seed-contents.ts';
import {
  errorOf,
  makeServiceWorld,
  namesOf,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

const SECRET = 'https://contoso-kv.vault.azure.net/secrets/backend-key';

describe('named values', () => {
  let world: ServiceWorld;

  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  const keep = (value: string): void => {
    world.arm.secrets.set(SECRET, {
      kind: 'read',
      id: `${SECRET}/0123456789abcdef0123456789abcdef`,
      contentType: undefined,
      value,
    });
  };
  const patch = (id: string, properties: unknown, ifMatch = '*') =>
    world.ask('PATCH', id, { properties }, { 'if-match': ifMatch });
  const valueOf = async (id: string): Promise<unknown> =>
    (await world.ask('POST', `${id}/listValue`)).at('value');

  it.each([
    ['a service', SERVICE, 'Microsoft.ApiManagement/service/namedValues'],
    ['a workspace', WORKSPACE, 'Microsoft.ApiManagement/service/workspaces/namedValues'],
  ])('of %s are made, read, changed and deleted', async (_, at, type) => {
    const id = `${at}/namedValues/thumbprint`;
    const made = await world.put(id, { displayName: 'thumbprint', value: 'AB12', tags: ['a'] });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id,
      type,
      name: 'thumbprint',
      properties: { displayName: 'thumbprint', value: 'AB12', secret: false, tags: ['a'] },
    });
    expect((await world.get(id)).body).toEqual(made.body);
    expect((await world.put(id, { displayName: 'thumbprint', value: 'x' })).status).toBe(412);
    const changed = await patch(id, { value: 'CD34' }, made.headers['etag']);
    expect(changed.at('properties')).toEqual({ ...Object(made.at('properties')), value: 'CD34' });
    expect((await patch(id, { value: 'EF' }, made.headers['etag'])).status).toBe(412);
    expect((await world.ask('PATCH', id, { properties: {} })).status).toBe(412);
    expect(await valueOf(id)).toBe('CD34');
    expect((await world.remove(id)).status).toBe(412);
    expect((await world.remove(id, changed.headers['etag'])).status).toBe(200);
    expect((await world.get(id)).status).toBe(404);
  });

  describe('where a change is made later', () => {
    beforeEach(() => {
      world.arm.put({ 'assumptions.entityUpdate': 'later', 'apiManagement.operationSeconds': 5 });
    });

    it('are answered 202, and are what they were until then', async () => {
      const id = `${SERVICE}/namedValues/a`;
      const made = await world.put(id, { displayName: 'a', value: 'one' });
      expect(made.status).toBe(202);
      const { pathname } = new URL(made.headers['location'] ?? '');
      expect((await world.get(pathname)).status).toBe(202);
      expect((await world.get(id)).status).toBe(404);
      world.arm.advance(5);
      expect((await world.get(pathname)).at('properties', 'value')).toBe('one');
      const before = await world.get(id);
      expect(before.at('properties', 'value')).toBe('one');

      expect((await patch(id, { value: 'two' }, '"none of these"')).status).toBe(412);
      expect((await patch(id, { value: 'two' }, before.headers['etag'])).status).toBe(202);
      expect((await world.get(id)).headers['etag']).toBe(before.headers['etag']);
      world.arm.advance(5);
      const after = await world.get(id);
      expect(after.at('properties', 'value')).toBe('two');
      expect(after.headers['etag']).not.toBe(before.headers['etag']);
    });

    it('are left to whoever was first, also after a restart', async () => {
      const id = await putNamedValue(world, SERVICE, 'a', 'one');
      world.arm.advance(5);
      await patch(id, { value: 'two' });
      await patch(id, { value: 'three' });
      const again = world.arm.restarted();
      again.advance(5);
      expect((await again.ask('GET', id)).at('properties', 'value')).toBe('two');
    });
  });

  it('show no secret but to listValue, and keep it through a PATCH without value', async () => {
    const id = await putNamedValue(world, SERVICE, 'key', 'correct horse', true);
    const shown = [await world.get(id), await world.get(`${SERVICE}/namedValues`)];
    expect(JSON.stringify(shown.map(({ body }) => body))).not.toContain('correct horse');
    const renamed = await patch(id, { displayName: 'other' });
    expect(renamed.at('properties')).toEqual({ displayName: 'other', secret: true });
    expect(await valueOf(id)).toBe('correct horse');
    const stored = world.arm.world.store.list('apim.namedValues');
    expect(JSON.stringify(stored)).not.toContain('correct horse');
  });

  it.each([
    ['displayName', { value: 'a' }],
    ['displayName', { displayName: 'a b', value: 'a' }],
    ['value', { displayName: 'a' }],
    ['value', { displayName: 'a', value: '  ' }],
    ['name', { displayName: 'TAKEN', value: 'a' }],
    ['secretIdentifier', { displayName: 'a', keyVault: { secretIdentifier: 'https://a' } }],
  ])('need a proper %s', async (target, properties) => {
    await putNamedValue(world, SERVICE, 'taken', 'a');
    const answer = await world.put(`${SERVICE}/namedValues/a`, properties);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'ValidationError', target });
  });

  describe('from Key Vault', () => {
    const keyVault = { secretIdentifier: SECRET };
    const id = `${SERVICE}/namedValues/key`;

    it("are read as the service's identity, and again when asked to", async () => {
      keep('first');
      const made = await world.put(id, { displayName: 'key', secret: true, keyVault });
      expect(made.at('properties')).toEqual({
        displayName: 'key',
        secret: true,
        keyVault: {
          secretIdentifier: SECRET,
          lastStatus: { code: 'Success', timeStampUtc: expect.any(String) as unknown },
        },
      });
      expect(world.arm.reads.at(-1)?.as.kind).toBe('systemAssigned');
      keep('second');
      expect(await valueOf(id)).toBe('first');
      const refreshed = await world.ask('POST', `${id}/refreshSecret`);
      expect(refreshed.status).toBe(200);
      expect(refreshed.headers['etag']).not.toBe(made.headers['etag']);
      expect(await valueOf(id)).toBe('second');
    });

    it('are refused when the vault cannot be read, or kept with a failed status', async () => {
      const properties = { displayName: 'key', keyVault };
      expect(errorOf(await world.put(id, properties))).toMatchObject({
        status: 400,
        code: 'InvalidOperation',
      });
      world.arm.put({ 'assumptions.unreadableKeyVaultPut': 'store' });
      const kept = await world.put(id, properties);
      expect(kept.at('properties', 'keyVault', 'lastStatus', 'code')).toBe('SecretNotFound');
      await putNamedValue(world, SERVICE, 'plain', 'a');
      const failed = await world.get(`${SERVICE}/namedValues?isKeyVaultRefreshFailed=true`);
      expect(namesOf(failed)).toEqual(['key']);
      expect((await world.ask('POST', `${id}/refreshSecret`)).status).toBe(400);
      world.arm.put({ 'assumptions.failedRefresh': 'answer' });
      expect((await world.ask('POST', `${id}/refreshSecret`)).status).toBe(200);
    });

    it('cannot be refreshed when they are not there', async () => {
      const plain = await putNamedValue(world, SERVICE, 'plain', 'a');
      expect(errorOf(await world.ask('POST', `${plain}/refreshSecret`))).toMatchObject({
        status: 400,
        code: 'InvalidOperation',
      });
    });

    it('are not for workspaces, unless the setting says so', async () => {
      keep('first');
      const inWorkspace = `${WORKSPACE}/namedValues/key`;
      const properties = { displayName: 'key', keyVault };
      expect(errorOf(await world.put(inWorkspace, properties))).toMatchObject({
        status: 400,
        target: 'keyVault',
      });
      world.arm.put({ 'assumptions.workspaceKeyVault': 'accept' });
      expect((await world.put(inWorkspace, properties)).status).toBe(201);
    });
  });
});
