import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { countRequests } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

describe('what stands in the way', () => {
  it('is named with its cure: a service without identity', async () => {
    await app.wire.forgetRequests();
    const operation = await app.sync('contoso-kv', 'reports');
    expect(operation.state).toBe('blocked');
    // The first sweep may still be at work elsewhere.
    const there = (await app.wire.requests()).filter(({ path }) =>
      path.includes('/contoso-lab-gw/'),
    );
    expect(countRequests(there).writes).toBe(0);
    expect(operation.problem).toMatchObject({ code: 'IDENTITY_MISSING' });
    expect(operation.problem?.message).toContain('contoso-lab-gw');
    expect(operation.problem?.cure).toMatch(/az .*SystemAssigned/);
    expect(await app.wire.apimCertificate('contoso-lab-gw', 'reports')).toBeUndefined();
  });

  it('is named with its cure: a role that was taken away', async () => {
    const pfx = makePfx('norole.contoso.example');
    const roles = await roleAssignments();
    for (const role of roles) await app.wire.send(app.wire.arm(role.id, '2022-04-01'), 'DELETE');
    const before = await app.targetThumbprint('contoso-gw', 'gateway-client');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const operation = await app.sync('contoso-kv', 'gateway-client');
    expect(operation.state).toBe('blocked');
    expect(operation.problem).toMatchObject({ code: 'PERMISSION_MISSING' });
    expect(operation.problem?.cure).toMatch(
      /az role assignment create .*Key Vault Certificate User/,
    );
    expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBe(before);

    for (const { id, properties } of roles) {
      const { roleDefinitionId, principalId } = properties;
      await app.wire.send(app.wire.arm(id, '2022-04-01'), 'PUT', {
        properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' },
      });
    }
    expect(await app.sync('contoso-kv', 'gateway-client')).toMatchObject({ state: 'succeeded' });
    expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBe(pfx.thumbprint);
  });

  it('leaves the targets as they are while the current version is disabled', async () => {
    await app.sync('contoso-legacy-kv', 'legacy-api');
    const before = await app.targetThumbprint('contoso-gw', 'legacy-api');
    await app.wire.importVersion(
      'contoso-legacy-kv',
      'legacy-api',
      makePfx('off.contoso.example'),
      {
        attributes: { enabled: false },
      },
    );
    const operation = await app.sync('contoso-legacy-kv', 'legacy-api');
    expect(operation.problem).toMatchObject({ code: 'CURRENT_VERSION_DISABLED' });
    expect(await app.targetThumbprint('contoso-gw', 'legacy-api')).toBe(before);

    const pfx = makePfx('on-again.contoso.example');
    await app.wire.importVersion('contoso-legacy-kv', 'legacy-api', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'legacy-api'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  /** The roles of contoso-gw's identity at the vault. */
  async function roleAssignments() {
    const service = await app.wire.send(
      app.wire.arm(`${app.wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw`),
    );
    const { identity } = service.body as { identity: { principalId: string } };
    const scope = `${app.wire.group}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
    const list = await app.wire.send(
      app.wire.arm(
        `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '${identity.principalId}'`,
        '2022-04-01',
      ),
    );
    return (
      list.body as {
        value: { id: string; properties: { roleDefinitionId: string; principalId: string } }[];
      }
    ).value;
  }
});

describe('the access of a service', () => {
  it('is told check by check, and Certkeeper is allowed to look at everything it tells of', async () => {
    const { status, body } = await app.wire.api(
      '/certificates/contoso-kv/gateway-client/access?target=contoso-gw',
    );
    expect(status).toBe(200);
    const { checks } = body as { checks: readonly { check: string; severity: string }[] };
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['service', 'identity', 'reference', 'vault', 'permission']),
    );
    // A role that has only just been given may still be on its way.
    expect(checks.filter(({ severity }) => ['blocks', 'unknown'].includes(severity))).toEqual([]);
  });
});

describe('a dry run', () => {
  it('answers the plan and changes nothing', async () => {
    await app.wire.importVersion('contoso-kv', 'planned', makePfx('planned.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw' },
    });
    await app.sync('contoso-kv', 'planned');
    await app.wire.send(
      app.wire.arm(app.wire.certificatePath('contoso-gw', 'planned')),
      'DELETE',
      undefined,
      {
        'if-match': '*',
      },
    );
    await app.wire.forgetRequests();
    const { status, body } = await app.wire.api(
      '/certificates/contoso-kv/planned/sync?dryRun=true',
      'POST',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      targets: [
        { target: 'contoso-gw/certificates/planned', step: 'attach', reason: 'TargetAbsent' },
      ],
    });
    const requests = await app.wire.requests();
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(await app.wire.apimCertificate('contoso-gw', 'planned')).toBeUndefined();
  });
});
