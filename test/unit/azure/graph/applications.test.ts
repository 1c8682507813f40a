import type { Principal } from '../../../../local/azure/service.ts';
import {
  makeGraphWorld,
  toKeyCredential,
  type GraphWorld,
} from '../../../support/azure/graph-world.ts';
import { makeTestCertificate } from '../../../support/azure/make-pfx.ts';

const GRAPH = 'https://graph.microsoft.com';

describe('an application in Microsoft Graph', () => {
  let world: GraphWorld;
  let caller: Principal & { kind: 'identity' };
  beforeEach(() => {
    world = makeGraphWorld();
    const { objectId, clientId } = world.arm.resourceManager.principals.create(
      '/subscriptions/x/certkeeper-id',
      'certkeeper-id',
    );
    caller = { kind: 'identity', objectId, clientId, audience: GRAPH };
  });
  afterEach(() => world.close());

  const make = async (displayName = 'automation', as?: Principal) => {
    const made = await world.ask('POST', '/applications', { displayName }, as);
    return { id: String(made.at('id')), appId: String(made.at('appId')), status: made.status };
  };
  const grant = (...permissions: string[]) =>
    world.control('PUT', `/graph/permissions/${caller.objectId}`, { permissions });
  const own = (id: string) =>
    world.ask('POST', `/applications/${id}/owners/$ref`, {
      '@odata.id': `${GRAPH}/v1.0/directoryObjects/${caller.objectId}`,
    });

  it('is found by its object id, its app id and a filter', async () => {
    const { id, appId, status } = await make();
    await make('another');
    expect(status).toBe(201);
    const expected = { id, appId, displayName: 'automation', keyCredentials: [] };
    expect((await world.ask('GET', `/applications/${id}`)).body).toMatchObject(expected);
    expect((await world.ask('GET', `/applications(appId='${appId}')`)).body).toMatchObject(
      expected,
    );
    const list = await world.ask('GET', `/applications?$filter=appId eq '${appId}'`);
    expect(list.at('value')).toMatchObject([expected]);
    expect((await world.ask('GET', '/applications')).at('value', 'length')).toBe(2);
  });

  it('shows only what $select names, and refuses names that there are not', async () => {
    const { id } = await make();
    const answer = await world.ask('GET', `/applications/${id}?$select=id,displayName`);
    expect(answer.body).toEqual({
      '@odata.context': `${GRAPH}/v1.0/$metadata#applications(id,displayName)/$entity`,
      id,
      displayName: 'automation',
    });
    expect((await world.ask('GET', `/applications/${id}?$select=nothing`)).status).toBe(400);
  });

  it('is changed in what a PATCH names, and no other way', async () => {
    const { id, appId } = await make();
    const change = { displayName: 'renamed', tags: ['ci'], appId: 'other' };
    expect((await world.ask('PATCH', `/applications/${id}`, change)).status).toBe(204);
    expect((await world.ask('GET', `/applications/${id}`)).body).toMatchObject({
      appId,
      displayName: 'renamed',
      tags: ['ci'],
    });
    const password = await world.ask('PATCH', `/applications/${id}`, { passwordCredentials: [] });
    expect(password.status).toBe(400);
  });

  it('is gone once it is deleted, with its service principal', async () => {
    const { id, appId } = await make();
    const principal = await world.ask('POST', '/servicePrincipals', { appId });
    expect((await world.ask('DELETE', `/applications/${id}`)).status).toBe(204);
    const answer = await world.ask('GET', `/applications/${id}`);
    expect(answer.status).toBe(404);
    expect(answer.at('error')).toMatchObject({
      code: 'Request_ResourceNotFound',
      message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
      innerError: { 'request-id': expect.any(String) as unknown },
    });
    const gone = await world.ask('GET', `/servicePrincipals/${String(principal.at('id'))}`);
    expect(gone.status).toBe(404);
  });

  it('has one service principal at most, found by both ids', async () => {
    const { appId } = await make();
    const made = await world.ask('POST', '/servicePrincipals', { appId });
    expect(made.status).toBe(201);
    const id = String(made.at('id'));
    expect((await world.ask('GET', `/servicePrincipals/${id}`)).at('appId')).toBe(appId);
    const byApp = await world.ask('GET', `/servicePrincipals(appId='${appId}')`);
    expect(byApp.at('id')).toBe(id);
    const again = await world.ask('POST', '/servicePrincipals', { appId });
    expect([again.status, again.at('error', 'code')]).toEqual([
      409,
      'Request_MultipleObjectsWithSameKeyValue',
    ]);
    const nothing = { appId: '00000000-0000-4000-8000-000000000000' };
    expect((await world.ask('POST', '/servicePrincipals', nothing)).status).toBe(400);
    const list = await world.ask('GET', `/servicePrincipals?$filter=appId eq '${appId}'`);
    expect(list.at('value')).toMatchObject([{ id, servicePrincipalType: 'Application' }]);
  });

  it('gives nothing to who brings no token, or one for something else', async () => {
    const { id } = await make();
    const nobody = await world.ask('GET', `/applications/${id}`, undefined, 'nobody');
    expect([nobody.status, nobody.at('error', 'code')]).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
    const other = { ...caller, audience: 'https://vault.azure.net' };
    expect((await world.ask('GET', `/applications/${id}`, undefined, other)).status).toBe(401);
  });

  it('is refused to an identity without permission', async () => {
    const { id } = await make();
    for (const [method, body] of [['GET'], ['PATCH', { displayName: 'x' }], ['DELETE']] as const) {
      const answer = await world.ask(method, `/applications/${id}`, body, caller);
      expect([answer.status, answer.at('error', 'code')]).toEqual([
        403,
        'Authorization_RequestDenied',
      ]);
    }
    expect((await make('theirs', caller)).status).toBe(403);
  });

  it('can be read with Application.Read.All, not changed', async () => {
    const { id } = await make();
    await grant('Application.Read.All');
    expect((await world.ask('GET', `/applications/${id}`, undefined, caller)).status).toBe(200);
    const change = await world.ask('PATCH', `/applications/${id}`, { displayName: 'x' }, caller);
    expect(change.status).toBe(403);
  });

  it('can be changed with OwnedBy by its owners only, and with All by everybody', async () => {
    const { id } = await make();
    const change = () =>
      world.ask('PATCH', `/applications/${id}`, { displayName: 'renamed' }, caller);
    await grant('Application.ReadWrite.OwnedBy');
    expect((await change()).status).toBe(403);
    expect((await own(id)).status).toBe(204);
    expect((await own(id)).status).toBe(400);
    expect((await change()).status).toBe(204);
    const owners = await world.ask('GET', `/applications/${id}/owners`);
    expect(owners.at('value')).toMatchObject([
      { '@odata.type': '#microsoft.graph.servicePrincipal', id: caller.objectId },
    ]);
    await world.ask('DELETE', `/applications/${id}/owners/${caller.objectId}/$ref`);
    expect((await change()).status).toBe(403);
    await grant('Application.ReadWrite.All');
    expect((await change()).status).toBe(204);
  });

  it.each([
    ['all', 200, 2],
    ['owned', 403, 1],
  ] as const)('is read with OwnedBy by others: %s', async (rule, status, listed) => {
    world.put({ 'assumptions.graphOwnedByReads': rule });
    await grant('Application.ReadWrite.OwnedBy');
    const { id } = await make();
    const owned = await make('owned', caller);
    expect(owned.status).toBe(201);
    expect((await world.ask('GET', `/applications/${id}`, undefined, caller)).status).toBe(status);
    const list = await world.ask('GET', '/applications', undefined, caller);
    expect(list.at('value', 'length')).toBe(listed);
  });

  it('is read as it was before a change until that has been replicated', async () => {
    const { id } = await make();
    world.put({ 'graph.replicationSeconds': 30 });
    world.arm.advance(60);
    const certificate = await makeTestCertificate();
    await world.ask('PATCH', `/applications/${id}`, {
      keyCredentials: [toKeyCredential(certificate)],
    });
    await world.ask('PATCH', `/applications/${id}`, { displayName: 'renamed' });
    const seen = async () => {
      const answer = await world.ask('GET', `/applications/${id}`);
      return [answer.at('displayName'), answer.at('keyCredentials', 'length')];
    };
    expect(await seen()).toEqual(['automation', 0]);
    world.arm.advance(31);
    expect(await seen()).toEqual(['renamed', 1]);
  });

  it('is not there yet for reads when it was made a moment ago', async () => {
    world.put({ 'graph.replicationSeconds': 30 });
    const { id } = await make();
    expect((await world.ask('GET', `/applications/${id}`)).status).toBe(404);
    world.arm.advance(31);
    expect((await world.ask('GET', `/applications/${id}`)).status).toBe(200);
  });

  it('is there again after a restart, with owners and permissions', async () => {
    const { id } = await make();
    await own(id);
    await grant('Application.ReadWrite.OwnedBy');
    const after = world.restarted();
    const answer = await after.ask('PATCH', `/applications/${id}`, { displayName: 'x' }, caller);
    expect(answer.status).toBe(204);
  });
});
