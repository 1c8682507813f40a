import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { readFilesBelow } from '../../support/system/files-below.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

describe('a new version in the vault', () => {
  it('reaches a service that reads an RBAC vault, without any other call', async () => {
    const pfx = makePfx('gateway.contoso.example');
    const imported = await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    expect(imported).toBe(pfx.thumbprint);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await eventually(
      () => app.binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
      (one) => one?.status === 'verified' && one.thumbprint === pfx.thumbprint,
    );
  });

  it('reaches a service that reads a vault with access policies', async () => {
    const pfx = makePfx('legacy.contoso.example');
    await app.wire.importVersion('contoso-legacy-kv', 'legacy-api', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'legacy-api'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  it('reaches a target that was pinned to a version, which is versionless from then on', async () => {
    const before = await app.wire.apimCertificate('contoso-eu-gw', 'partner-mtls');
    const pfx = makePfx('partner.contoso.example');
    await app.wire.importVersion('contoso-kv', 'partner-mtls', pfx);
    const after = await eventually(
      () => app.wire.apimCertificate('contoso-eu-gw', 'partner-mtls'),
      (one) => one?.properties.thumbprint === pfx.thumbprint,
    );
    expect(after?.properties.keyVault?.secretIdentifier).toBe(
      'https://contoso-kv.vault.azure.net/secrets/partner-mtls',
    );
    expect(after?.properties.keyVault?.identityClientId).toBe(
      before?.properties.keyVault?.identityClientId,
    );
  });

  it('is published as a CloudEvent', async () => {
    await app.wire.send(`${app.system.azureUrl}/_local/topics/certkeeper-events/events`, 'DELETE');
    const pfx = makePfx('published.contoso.example');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const events = await eventually(
      // The syncs of the tests before may still be publishing.
      async () =>
        (await app.wire.published()).filter(({ data }) => data.thumbprint === pfx.thumbprint),
      (published) => published.length > 0,
    );
    expect(events).toMatchObject([
      {
        type: 'Certkeeper.CertificateRotated',
        subject: 'contoso-kv/gateway-client',
        specversion: '1.0',
        data: {
          target: 'contoso-gw/certificates/gateway-client',
          outcome: 'rotated',
          thumbprint: pfx.thumbprint,
        },
      },
    ]);
  });

  it('ends with the last one when ten are made in quick succession, without tags', async () => {
    const pfxs = Array.from({ length: 10 }, (_, at) => makePfx(`n${String(at)}.contoso.example`));
    for (const pfx of pfxs) await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const last = pfxs.at(-1)?.thumbprint;
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === last,
    );
    const operation = await app.sync('contoso-kv', 'gateway-client');
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.targets).toMatchObject([
      { target: 'contoso-gw/certificates/gateway-client', thumbprint: last },
    ]);
  });
});

describe('secrets', () => {
  it('are nowhere: not in state, task hub, storage or logs', async () => {
    const pfx = makePfx('marked.contoso.example');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await app.sync('contoso-kv', 'gateway-client');
    // The private key's own bytes: what lies before them is the modulus, which is public.
    const key = Buffer.from(pfx.privateKey, 'base64');
    const marks = [pfx.password, pfx.value.slice(0, 400), pfx.value.slice(400, 800)]
      .map((mark) => Buffer.from(mark))
      .concat(key.subarray(600, 700), Buffer.from(pfx.privateKey.slice(800, 930)));
    const files = readFilesBelow(app.system.stateDir);
    const found = files.filter(({ content }) => marks.some((mark) => content.includes(mark)));
    expect(found.map(({ file }) => file)).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
  });
});

// The last one: nothing tells of changes in the vault from here on.
describe('events that are lost', () => {
  it('cost time only: the sweep makes up for them', async () => {
    const scope = `${app.wire.group}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
    const subscriptions = `${scope}/providers/Microsoft.EventGrid/eventSubscriptions`;
    const list = await app.wire.send(app.wire.arm(subscriptions, '2025-02-15'));
    const { value } = list.body as { value: { id: string }[] };
    expect(value).toHaveLength(1);
    for (const { id } of value) {
      const answer = await app.wire.send(app.wire.arm(id, '2025-02-15'), 'DELETE');
      expect(answer.status).toBeLessThan(300);
    }
    await app.sync('contoso-kv', 'gateway-client');
    const pfx = makePfx('lost.contoso.example');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await app.sync('contoso-legacy-kv', 'legacy-api');
    expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).not.toBe(pfx.thumbprint);

    await app.sweep();
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });
});
