import { makeWire } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(120_000);
afterAll(cleanUpSystems);

interface View {
  readonly certificates: readonly {
    readonly name: string;
    readonly bindings: readonly { readonly status: string; readonly problem?: { code: string } }[];
  }[];
}

describe('without consent', () => {
  it('a tag alone gets nothing, and no service is even asked; what is attached is rotated', async () => {
    const system = await startTestSystem({ settings: { CERTKEEPER_ALLOW: '' } });
    const wire = makeWire(system);
    const certificates = async () => ((await wire.api('/certificates')).body as View).certificates;
    await eventually(certificates, (all) =>
      all.some(
        ({ name, bindings }) => name === 'gateway-client' && bindings[0]?.status === 'verified',
      ),
    );
    await wire.forgetRequests();
    await wire.importVersion('contoso-kv', 'wanted', makePfx('wanted.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw' },
    });
    const all = await eventually(certificates, (some) =>
      some.some(({ name }) => name === 'wanted'),
    );
    expect(all.find(({ name }) => name === 'wanted')?.bindings).toMatchObject([
      { status: 'blocked', problem: { code: 'BINDING_NOT_ALLOWED' } },
    ]);
    // Other sources of the fleet may still be looked at; nothing was asked about this one.
    const asked = (await wire.requests()).filter(
      ({ host, path }) => host === 'management.azure.com' && path.endsWith('/wanted'),
    );
    expect(asked).toEqual([]);
    expect(await wire.apimCertificate('contoso-gw', 'wanted')).toBeUndefined();

    const pfx = makePfx('still-rotated.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      async () =>
        (await wire.apimCertificate('contoso-gw', 'gateway-client'))?.properties.thumbprint,
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });
});
