import {
  CERTIFICATES,
  makeCertificatesWorld,
  SECRET,
  SERVICE,
} from '../../support/azure/certificates-world.ts';

describe('certificates of an API Management service', () => {
  const world = makeCertificatesWorld();
  const { service, secret, put, attach, errorOf } = world;

  describe('from data', () => {
    it('show what the file holds, and never the file', async () => {
      const made = await put('uploaded', { data: world.first.pfx, password: '' });
      expect(made.status).toBe(201);
      expect(made.at('properties')).toEqual({
        subject: 'CN=gateway, O=Contoso',
        thumbprint: world.first.thumbprint,
        expirationDate: expect.any(String) as unknown,
      });
    });

    it.each<[string, () => Record<string, unknown>, string]>([
      ['neither data nor a reference', () => ({}), 'data'],
      [
        'both of them',
        () => ({ data: world.first.pfx, keyVault: { secretIdentifier: SECRET } }),
        'data',
      ],
      ['data that is no PKCS#12', () => ({ data: 'aGVsbG8=', password: '' }), 'data'],
      ['a wrong password', () => ({ data: world.first.pfx, password: 'wrong' }), 'data'],
      ['a certificate without key', () => ({ data: world.first.der.toString('base64') }), 'data'],
      ['data of another type', () => ({ data: 7 }), 'properties.data'],
    ])('refuse %s', async (_what, properties, target) => {
      expect(errorOf(await put('x', properties()))).toEqual([400, 'ValidationError', target]);
    });
  });

  describe('under concurrent change', () => {
    it('are updated only by who names their state, or all states', async () => {
      const made = await attach();
      const body = { data: world.second.pfx };
      expect((await put('gateway-client', body)).status).toBe(412);
      expect((await put('gateway-client', body, { 'if-match': '"AAAAAAAAAAA="' })).status).toBe(
        412,
      );
      const updated = await put('gateway-client', body, {
        'if-match': String(made.headers['etag']),
      });
      expect(updated.status).toBe(200);
      expect(updated.at('properties', 'thumbprint')).toBe(world.second.thumbprint);
      expect(
        (await put('gateway-client', body, { 'if-match': String(made.headers['etag']) })).status,
      ).toBe(412);
      expect((await put('gateway-client', body, { 'if-match': '*' })).status).toBe(200);
      world.arm.put({ 'assumptions.updateWithoutIfMatch': 'accept' });
      expect((await put('gateway-client', body)).status).toBe(200);
    });

    it('are not made by who expects them to be there in some state', async () => {
      expect(
        (await put('new', { data: world.first.pfx }, { 'if-match': '"AAAAAAAAAAE="' })).status,
      ).toBe(412);
      expect((await put('new', { data: world.first.pfx }, { 'if-match': '*' })).status).toBe(201);
    });

    it('are deleted only with If-Match', async () => {
      const made = await attach();
      const remove = (headers: Record<string, string>) =>
        world.arm.ask('DELETE', `${CERTIFICATES}/gateway-client`, { headers });
      expect((await remove({})).at('error', 'code')).toBe('PreconditionFailed');
      expect((await remove({ 'if-match': '"AAAAAAAAAAA="' })).status).toBe(412);
      expect((await remove({ 'if-match': String(made.headers['etag']) })).status).toBe(200);
      expect((await remove({ 'if-match': '*' })).status).toBe(204);
    });
  });

  it('tell their state to HEAD without a body', async () => {
    const made = await attach();
    const head = await world.arm.ask('HEAD', `${CERTIFICATES}/Gateway-Client`);
    expect([head.status, head.headers['etag'], head.body]).toEqual([
      200,
      made.headers['etag'],
      undefined,
    ]);
    expect((await world.arm.ask('HEAD', `${CERTIFICATES}/missing`)).status).toBe(404);
  });

  it('have ids of at most 80 characters', async () => {
    expect((await put('a'.repeat(80), { data: world.first.pfx })).status).toBe(201);
    expect(errorOf(await put('a'.repeat(81), { data: world.first.pfx }))).toEqual([
      400,
      'ValidationError',
      'certificateId',
    ]);
    expect(errorOf(await put('a%3Ab', { data: world.first.pfx }))).toEqual([
      400,
      'ValidationError',
      'certificateId',
    ]);
  });

  it('are listed with count, pages and filters', async () => {
    for (const name of ['alpha', 'beta', 'gamma']) await put(name, { data: world.first.pfx });
    await put('delta', { data: world.second.pfx });
    const names = async (query: Record<string, string>): Promise<unknown> => {
      const list = await world.arm.ask('GET', CERTIFICATES, { query });
      const value = list.at('value');
      return Array.isArray(value) ? value.map((_, at) => list.at('value', at, 'name')) : list.body;
    };
    expect(await names({})).toEqual(['alpha', 'beta', 'delta', 'gamma']);
    expect(await names({ $top: '1', $skip: '2' })).toEqual(['delta']);
    expect(await names({ $filter: `thumbprint eq '${world.second.thumbprint}'` })).toEqual([
      'delta',
    ]);
    expect(await names({ $filter: "substringof('amm',name) or startswith(name,'al')" })).toEqual([
      'alpha',
      'gamma',
    ]);
    expect(await names({ $filter: "contains(subject,'contoso') and name ne 'alpha'" })).toEqual([
      'beta',
      'delta',
      'gamma',
    ]);
    expect(await names({ $filter: 'expirationDate lt 2020-01-01T00:00:00Z' })).toEqual([]);
    expect(
      (await world.arm.ask('GET', CERTIFICATES, { query: { $filter: "colour eq 'red'" } })).status,
    ).toBe(400);
    expect((await world.arm.ask('GET', CERTIFICATES, { query: { $top: '0' } })).status).toBe(400);

    const page = await world.arm.ask('GET', CERTIFICATES, { query: { $top: '3' } });
    expect(page.at('count')).toBe(4);
    const next = await world.arm.ask(
      'GET',
      String(page.at('nextLink')).replace('https://management.azure.com', ''),
    );
    expect(next.at('value', 0, 'name')).toBe('gamma');
    expect(next.at('nextLink')).toBeUndefined();
  });

  it('are at most fifty on the Consumption tier', async () => {
    await service({ type: 'None' }, 'Consumption');
    for (let at = 0; at < 50; at += 1) await put(`c${at}`, { data: world.first.pfx });
    expect((await put('one-more', { data: world.first.pfx })).status).toBe(400);
    expect((await put('c1', { data: world.second.pfx }, { 'if-match': '*' })).status).toBe(200);
  });

  it('of a workspace are made from data only, beside the ones of the service', async () => {
    const workspace = `${SERVICE}/workspaces/team-a`;
    expect(
      (
        await world.arm.ask('PUT', `${workspace}/certificates/one`, {
          body: { properties: { data: world.first.pfx } },
        })
      ).status,
    ).toBe(404);
    await world.arm.ask('PUT', workspace, { body: { properties: { displayName: 'Team A' } } });
    const made = await world.arm.ask('PUT', `${workspace}/certificates/one`, {
      body: { properties: { data: world.first.pfx } },
    });
    expect(made.status).toBe(201);
    expect(made.at('type')).toBe('Microsoft.ApiManagement/service/workspaces/certificates');
    expect(made.at('id')).toBe(`${workspace}/certificates/one`);
    const vaulted = await world.arm.ask('PUT', `${workspace}/certificates/two`, {
      body: { properties: { keyVault: { secretIdentifier: SECRET } } },
    });
    expect(errorOf(vaulted)).toEqual([400, 'ValidationError', 'keyVault']);
    expect((await world.arm.ask('GET', CERTIFICATES)).at('count')).toBe(0);

    await world.arm.ask('DELETE', workspace, { headers: { 'if-match': '*' } });
    await world.arm.ask('PUT', workspace, { body: { properties: { displayName: 'Team A' } } });
    expect((await world.arm.ask('GET', `${workspace}/certificates`)).at('count')).toBe(0);
  });

  describe('of a workspace', () => {
    const workspace = `${SERVICE}/workspaces/team-a`;
    const one = `${workspace}/certificates/one`;
    const putOne = (properties: Record<string, unknown>, headers: Record<string, string> = {}) =>
      world.arm.ask('PUT', one, { body: { properties }, headers });
    beforeEach(() =>
      world.arm.ask('PUT', workspace, { body: { properties: { displayName: 'A' } } }),
    );

    it('are opened for real, with the password that comes along', async () => {
      const wrong = await putOne({ data: world.first.pfx, password: 'not this one' });
      expect(errorOf(wrong)).toEqual([400, 'ValidationError', 'data']);
      const made = await putOne({ data: world.first.pfx, password: '' });
      expect(made.at('properties', 'thumbprint')).toBe(world.first.thumbprint);
      expect(JSON.stringify(made.body)).not.toContain(world.first.pfx);
      expect(errorOf(await putOne({ data: 'AAAA' }, { 'if-match': '*' }))).toEqual([
        400,
        'ValidationError',
        'data',
      ]);
    });

    it('change their ETag with every write, and are replaced and deleted by it', async () => {
      const made = await putOne({ data: world.first.pfx });
      const etag = String(made.headers['etag']);
      expect((await world.arm.ask('HEAD', one)).headers['etag']).toBe(etag);
      const replaced = await putOne({ data: world.second.pfx }, { 'if-match': etag });
      expect(replaced.at('properties', 'thumbprint')).toBe(world.second.thumbprint);
      const current = String(replaced.headers['etag']);
      expect([replaced.status, current === etag]).toEqual([200, false]);

      const late = await putOne({ data: world.first.pfx }, { 'if-match': etag });
      expect([late.status, late.at('error', 'code')]).toEqual([412, 'PreconditionFailed']);
      for (const headers of [{}, { 'if-match': etag }]) {
        expect((await world.arm.ask('DELETE', one, { headers })).status).toBe(412);
      }
      expect(
        (await world.arm.ask('DELETE', one, { headers: { 'if-match': current } })).status,
      ).toBe(200);
      expect((await world.arm.ask('GET', one)).status).toBe(404);
    });

    it.each<['refuse' | 'accept', number]>([
      ['refuse', 412],
      ['accept', 200],
    ])('are replaced without If-Match or not, as it is assumed (%s)', async (choice, status) => {
      world.arm.put({ 'assumptions.updateWithoutIfMatch': choice });
      await putOne({ data: world.first.pfx });
      expect((await putOne({ data: world.second.pfx })).status).toBe(status);
    });

    it("may be read from a vault as the service's identity, where that is assumed", async () => {
      world.arm.put({ 'assumptions.workspaceKeyVault': 'accept' });
      const made = await putOne({ keyVault: { secretIdentifier: SECRET } });
      expect(made.at('properties', 'thumbprint')).toBe(world.first.thumbprint);
      secret(SECRET, world.second);
      const refreshed = await world.arm.ask('POST', `${one}/refreshSecret`);
      expect(refreshed.at('properties', 'thumbprint')).toBe(world.second.thumbprint);
    });
  });
});
