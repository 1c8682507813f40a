import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

describe('a tag', () => {
  it('attaches a certificate where CERTKEEPER_ALLOW consents', async () => {
    const pfx = makePfx('tagged.contoso.example');
    await app.wire.importVersion('contoso-kv', 'tagged', pfx, {
      tags: { 'certkeeper-targets': 'contoso-gw, contoso-eu-gw/certificates/tagged-eu' },
    });
    const here = await eventually(
      () => app.wire.apimCertificate('contoso-gw', 'tagged'),
      (one) => one !== undefined,
    );
    const there = await eventually(
      () => app.wire.apimCertificate('contoso-eu-gw', 'tagged-eu'),
      (one) => one !== undefined,
    );
    expect(here?.properties).toMatchObject({
      thumbprint: pfx.thumbprint,
      keyVault: { secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/tagged' },
    });
    // The one service reads with its system-assigned identity, the other with its own.
    expect(here?.properties.keyVault?.identityClientId).toBeUndefined();
    expect(there?.properties.keyVault?.identityClientId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does not take what belongs to somebody else', async () => {
    const before = await app.targetThumbprint('contoso-gw', 'legacy-api');
    await app.wire.importVersion('contoso-kv', 'thief', makePfx('thief.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw/certificates/legacy-api' },
    });
    const operation = await app.sync('contoso-kv', 'thief');
    expect(operation.problem).toMatchObject({ code: 'TARGET_TAKEN' });
    expect(await app.targetThumbprint('contoso-gw', 'legacy-api')).toBe(before);
  });

  it('gets nothing for kinds of target that are not kept yet, and for unknown services', async () => {
    await app.wire.importVersion('contoso-kv', 'elsewhere', makePfx('elsewhere.contoso.example'), {
      tags: {
        'certkeeper-targets': 'contoso-gw/hostnames/api.contoso.com, unknown-gw, not a path',
      },
    });
    const operation = await app.sync('contoso-kv', 'elsewhere');
    expect(operation.state).toBe('blocked');
    const codes = (operation.targets as readonly { problem?: { code: string } }[]).map(
      ({ problem }) => problem?.code,
    );
    expect(codes).toEqual(['TARGET_UNSUPPORTED', 'SERVICE_NOT_CONFIGURED']);
    expect(operation.problem).toMatchObject({ code: 'TARGET_UNREADABLE' });
  });

  it('is held by the ledger when the next version has no tags', async () => {
    const pfx = makePfx('untagged.contoso.example');
    await app.wire.importVersion('contoso-kv', 'tagged', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-eu-gw', 'tagged-eu'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  it('unbinds when it says none: the target stays, and is no longer rotated', async () => {
    await app.wire.importVersion('contoso-kv', 'tagged', makePfx('none.contoso.example'), {
      tags: { 'certkeeper-targets': 'none' },
    });
    await app.sync('contoso-kv', 'tagged');
    const before = await app.targetThumbprint('contoso-eu-gw', 'tagged-eu');
    expect(before).toMatch(/^[0-9A-F]{40}$/);
    const bound = () => app.binding('contoso-kv', 'tagged', 'contoso-eu-gw/certificates/tagged-eu');
    expect(await bound()).toBeUndefined();
    // The service still uses it; a sweep does not take that for a new binding.
    await app.wire.importVersion('contoso-kv', 'tagged', makePfx('still-none.contoso.example'));
    await app.sweep();
    expect(await bound()).toBeUndefined();
    expect(await app.targetThumbprint('contoso-eu-gw', 'tagged-eu')).toBe(before);
  });
});
