/** Binding and detaching by HTTP, on a running system. */
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import { ask, settle, type Answered } from '../../support/system/upload.ts';

jest.setTimeout(180_000);

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

const bind = (name: string, body: object): Promise<Answered> =>
  ask(app.system, `/certificates/contoso-kv/${name}/bindings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const detach = (name: string, targets: string, more = ''): Promise<Answered> =>
  ask(app.system, `/certificates/contoso-kv/${name}?targets=${targets}${more}`, {
    method: 'DELETE',
  });

/** A certificate in the vault, bound to these targets. */
async function bound(name: string, targets: readonly string[]) {
  const pfx = makePfx(`${name}.contoso.com`);
  await app.wire.importVersion('contoso-kv', name, pfx);
  const operation = await settle(app, await bind(name, { targets }));
  expect(operation).toMatchObject({ state: 'succeeded' });
  return pfx;
}

const shown = async (name: string) =>
  (await app.wire.api(`/certificates/contoso-kv/${name}`)).body as {
    bindings: { target: string }[];
    history: { what: string }[];
  };

describe('a certificate that is in the vault already', () => {
  it('is bound by a call, and detached by another, at a service and at a workspace', async () => {
    const pfx = await bound('coming-going', ['contoso-gw', 'contoso-gw/workspaces/team-a']);
    expect(await app.targetThumbprint('contoso-gw', 'coming-going')).toBe(pfx.thumbprint);

    const dry = await detach('coming-going', 'contoso-gw', '&dryRun=true');
    expect(dry).toMatchObject({
      status: 200,
      body: { dryRun: true, targets: [{ step: 'remove' }] },
    });
    expect(await app.targetThumbprint('contoso-gw', 'coming-going')).toBe(pfx.thumbprint);

    const targets = 'contoso-gw,contoso-gw/workspaces/team-a';
    const operation = await settle(app, await detach('coming-going', targets));
    expect(operation).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'removed' }, { outcome: 'removed' }],
    });
    expect(await app.targetThumbprint('contoso-gw', 'coming-going')).toBeUndefined();
    const { bindings, history } = await shown('coming-going');
    expect(bindings).toEqual([]);
    expect(history.map(({ what }) => what)).toEqual(expect.arrayContaining(['bind', 'detach']));
    // The certificate itself stays, and a later sync puts nothing back.
    expect(await app.sync('contoso-kv', 'coming-going')).toMatchObject({ targets: [] });
  });

  it('is not detached while a backend uses it', async () => {
    await bound('in-use', ['contoso-gw']);
    const backend = app.wire.arm(
      `${app.wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw/backends/orders`,
    );
    const certificate = app.wire.certificatePath('contoso-gw', 'in-use');
    const put = await app.wire.send(backend, 'PUT', {
      properties: {
        url: 'https://orders.contoso.com',
        protocol: 'http',
        credentials: { certificateIds: [certificate] },
      },
    });
    expect(put.status).toBe(201);
    const refused = await settle(app, await detach('in-use', 'contoso-gw'));
    expect(refused).toMatchObject({ problem: { code: 'TARGET_IN_USE' } });
    expect(refused.problem?.message).toContain('backends/orders');
    expect((await shown('in-use')).bindings).toHaveLength(1);

    await app.wire.send(backend, 'DELETE', undefined, { 'if-match': '*' });
    expect(await settle(app, await detach('in-use', 'contoso-gw'))).toMatchObject({
      targets: [{ outcome: 'removed' }],
    });
  });

  it('leaves in place what somebody else has put there since', async () => {
    await bound('overwritten', ['contoso-gw']);
    const other = makePfx('somebody-else.contoso.com');
    const address = app.wire.arm(app.wire.certificatePath('contoso-gw', 'overwritten'));
    await app.wire.send(
      address,
      'PUT',
      { properties: { data: other.value, password: other.password } },
      { 'if-match': '*' },
    );
    expect(await settle(app, await detach('overwritten', 'contoso-gw'))).toMatchObject({
      targets: [{ outcome: 'released', reason: 'NotOurs' }],
    });
    expect(await app.targetThumbprint('contoso-gw', 'overwritten')).toBe(other.thumbprint);
  });

  it.each<[sentence: string, answer: () => Promise<Answered>, status: number, code: string]>([
    [
      'to what it is not bound to',
      () => detach('gateway-client', 'contoso-eu-gw'),
      404,
      'BINDING_NOT_FOUND',
    ],
    [
      'from what a tag asks for',
      () => detach('gateway-client', 'contoso-gw'),
      409,
      'BINDING_TAGGED',
    ],
    [
      'from what was discovered',
      () => detach('partner-mtls', 'contoso-eu-gw'),
      409,
      'BINDING_DISCOVERED',
    ],
    ['from nothing', () => detach('gateway-client', ''), 400, 'INVALID_REQUEST'],
  ])('is not detached %s', async (_, answer, status, code) => {
    expect(await answer()).toMatchObject({ status, body: { code } });
  });

  it.each<[sentence: string, name: string, body: object, status: number, code: string]>([
    ['that is not there', 'nowhere', { targets: ['contoso-gw'] }, 404, 'SOURCE_NOT_FOUND'],
    ['to no target', 'gateway-client', { targets: [] }, 400, 'INVALID_REQUEST'],
    [
      "to what is another certificate's",
      'partner-mtls',
      { targets: ['contoso-gw/certificates/gateway-client'] },
      409,
      'TARGET_TAKEN',
    ],
    [
      'to a workspace that is not there',
      'partner-mtls',
      { targets: ['contoso-gw/workspaces/nobody'] },
      404,
      'WORKSPACE_NOT_FOUND',
    ],
  ])('is not bound, %s', async (_, name, body, status, code) => {
    expect(await bind(name, body)).toMatchObject({ status, body: { code } });
  });
});
