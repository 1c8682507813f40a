import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { countRequests } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(180_000);

const GATEWAY_CLIENT = 'contoso-gw/certificates/gateway-client';
const LEGACY_API = 'contoso-gw/certificates/legacy-api';
const ROLES = '2022-04-01';
const VAULTS = '2023-07-01';

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

const vaultPath = (name: string) => `${app.wire.group}/providers/Microsoft.KeyVault/vaults/${name}`;

/** The object id of the identity of contoso-gw. */
async function gatewayIdentity(): Promise<string> {
  const path = `${app.wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw`;
  const { body } = await app.wire.send(app.wire.arm(path));
  return (body as { identity: { principalId: string } }).identity.principalId;
}

/** What was published of a target since a count. */
async function published(target: string, since = 0) {
  return (await app.wire.published()).slice(since).filter(({ data }) => data.target === target);
}

describe('before a certificate is attached', () => {
  it('what only may block keeps nothing from being tried', async () => {
    const pfx = makePfx('maybe.contoso.example');
    await app.wire.importVersion('contoso-kv', 'maybe', pfx, {
      tags: { 'certkeeper-targets': 'contoso-gw' },
    });
    // The seeded role was given just now.
    const access = await app.wire.api('/certificates/contoso-kv/maybe/access?target=contoso-gw');
    expect(access.body).toMatchObject({ verdict: 'may-block' });
    expect(await app.sync('contoso-kv', 'maybe')).toMatchObject({ state: 'succeeded' });
    expect(await app.targetThumbprint('contoso-gw', 'maybe')).toBe(pfx.thumbprint);
  });

  it('what blocks keeps it from being tried, and is the answer', async () => {
    await app.wire.forgetRequests();
    await app.wire.importVersion('contoso-kv', 'kept-inside', makePfx('inside.contoso.example'), {
      policy: {
        key_props: { exportable: false, kty: 'RSA', key_size: 2048, reuse_key: false },
        secret_props: { contentType: 'application/x-pkcs12' },
      },
      tags: { 'certkeeper-targets': 'contoso-gw' },
    });
    expect(await app.sync('contoso-kv', 'kept-inside')).toMatchObject({
      state: 'blocked',
      targets: [{ outcome: 'blocked', reason: 'AccessBlocked' }],
      problem: { code: 'CERTIFICATE_NOT_EXPORTABLE' },
    });
    expect(countRequests(await app.wire.requests()).writes).toBe(0);
  });
});

describe('what breaks before the next rotation finds out', () => {
  it('is found by the sweep, told once, and told again when it came right', async () => {
    const id = await gatewayIdentity();
    const vault = vaultPath('contoso-kv');
    const list = await app.wire.send(
      app.wire.arm(
        `${vault}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '${id}'`,
        ROLES,
      ),
    );
    const roles = (
      list.body as {
        value: { id: string; properties: { roleDefinitionId: string; principalId: string } }[];
      }
    ).value;
    const since = (await app.wire.published()).length;
    for (const role of roles) await app.wire.send(app.wire.arm(role.id, ROLES), 'DELETE');
    await app.sweep();
    await app.sweep();
    expect(await published(GATEWAY_CLIENT, since)).toMatchObject([
      {
        type: 'Certkeeper.AccessBroken',
        subject: 'contoso-kv/gateway-client',
        data: { operation: 'sweep', verdict: 'blocks', problem: { code: 'PERMISSION_MISSING' } },
      },
    ]);
    const broken = await app.binding('contoso-kv', 'gateway-client', GATEWAY_CLIENT);
    expect(broken).toMatchObject({
      status: 'verified',
      access: { verdict: 'blocks', problems: [{ code: 'PERMISSION_MISSING' }] },
    });
    const sweep = (await app.wire.api('/operations/sweep')).body as {
      counts: { accessBroken: number };
    };
    expect(sweep.counts.accessBroken).toBeGreaterThan(0);

    for (const { id: assignment, properties } of roles) {
      const { roleDefinitionId, principalId } = properties;
      await app.wire.send(app.wire.arm(assignment, ROLES), 'PUT', {
        properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' },
      });
    }
    await app.sweep();
    expect((await published(GATEWAY_CLIENT, since)).map(({ type }) => type)).toEqual([
      'Certkeeper.AccessBroken',
      'Certkeeper.AccessRestored',
    ]);
    const restored = await app.binding('contoso-kv', 'gateway-client', GATEWAY_CLIENT);
    expect(restored?.access?.verdict).not.toBe('blocks');
  });

  it("is found by the vault's own event, without a sweep", async () => {
    const operation = '/operations/access-contoso-legacy-kv';
    const path = vaultPath('contoso-legacy-kv');
    const seen = await app.wire.send(app.wire.arm(path, VAULTS));
    const { accessPolicies } = (
      seen.body as { properties: { accessPolicies: { objectId: string }[] } }
    ).properties;
    const id = await gatewayIdentity();
    const mine = accessPolicies.filter(({ objectId }) => objectId === id);
    const since = (await app.wire.published()).length;

    await app.wire.send(app.wire.arm(`${path}/accessPolicies/remove`, VAULTS), 'PUT', {
      properties: { accessPolicies: mine },
    });
    const [event] = await eventually(
      () => published(LEGACY_API, since),
      ({ length }) => length > 0,
    );
    expect(event).toMatchObject({
      type: 'Certkeeper.AccessBroken',
      subject: 'contoso-legacy-kv/legacy-api',
      data: { operation: 'access-contoso-legacy-kv', problem: { code: 'PERMISSION_MISSING' } },
    });
    // News is told before it is written.
    const broken = await eventually(
      () => app.binding('contoso-legacy-kv', 'legacy-api', LEGACY_API),
      (binding) => binding?.access?.verdict === 'blocks',
    );
    expect(broken).toMatchObject({ status: 'verified' });
    expect((await app.wire.api(operation)).body).toMatchObject({
      kind: 'access-check',
      vault: 'contoso-legacy-kv',
      state: 'running',
    });

    await app.wire.send(app.wire.arm(`${path}/accessPolicies/add`, VAULTS), 'PUT', {
      properties: { accessPolicies: mine },
    });
    await eventually(
      () => published(LEGACY_API, since),
      (events) => events.some(({ type }) => type === 'Certkeeper.AccessRestored'),
      60_000,
    );
    const restored = await eventually(
      () => app.binding('contoso-legacy-kv', 'legacy-api', LEGACY_API),
      (binding) => binding?.access?.verdict === 'clear',
    );
    expect(restored).toMatchObject({ access: { problems: [] } });
  });
});
