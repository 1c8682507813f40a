import { countRequests, makeWire } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { filesWithKey } from '../../support/system/secret-search.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';

jest.setTimeout(180_000);
afterAll(cleanUpSystems);

describe('a power cut in the middle of a rotation', () => {
  it('is made up for after the restart: the rotation finishes, once', async () => {
    const stateDir = stateFolder();
    const first = await startTestSystem({ stateDir });
    const before = makeWire(first);
    await eventually(
      async () => JSON.stringify((await before.api('/certificates')).body),
      (text) => text.includes('"verified"'),
    );
    // The refresh does not come to an end before the power goes.
    await before.fault({
      match: { method: 'POST', path: '**/gateway-client/refreshSecret' },
      delayMs: 60_000,
      times: 1,
    });
    const pfx = makePfx('power-cut.contoso.example');
    await before.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      async () => JSON.stringify(await instances(before, first)),
      (text) => text.includes('refreshing 1 target'),
    );
    await first.killHard();

    const second = await startTestSystem({ stateDir });
    const after = makeWire(second);
    await eventually(
      async () =>
        (await after.apimCertificate('contoso-gw', 'gateway-client'))?.properties.thumbprint,
      (thumbprint) => thumbprint === pfx.thumbprint,
      60_000,
    );
    const published = await eventually(
      async () =>
        (await after.published()).filter(({ data }) => data.thumbprint === pfx.thumbprint),
      (events) => events.length > 0,
    );
    expect(published.map(({ type }) => type)).toEqual(['Certkeeper.CertificateRotated']);
    expect(countRequests(await after.requests()).refreshes).toBe(1);
  });

  it('is made up for in a workspace too: what was on its way is put there after the restart', async () => {
    const stateDir = stateFolder();
    const first = await startTestSystem({ stateDir });
    const before = makeWire(first);
    const inWorkspace = async (wire: ReturnType<typeof makeWire>) =>
      (await wire.workspaceCertificate('contoso-gw', 'team-a', 'team-client'))?.properties
        .thumbprint;
    await eventually(
      () => inWorkspace(before),
      (thumbprint) => thumbprint !== undefined,
    );
    await before.fault({
      match: { method: 'PUT', path: '**/workspaces/team-a/certificates/*' },
      delayMs: 60_000,
      times: 1,
    });
    const pfx = makePfx('power-cut.contoso.example');
    await before.importVersion('contoso-kv', 'team-client', pfx);
    await eventually(
      async () => JSON.stringify(await instances(before, first)),
      (text) => text.includes('pushing 1 target'),
    );
    await first.killHard();

    const second = await startTestSystem({ stateDir });
    const after = makeWire(second);
    await eventually(
      () => inWorkspace(after),
      (thumbprint) => thumbprint === pfx.thumbprint,
      60_000,
    );
    const published = await eventually(
      async () =>
        (await after.published()).filter(({ data }) => data.thumbprint === pfx.thumbprint),
      (events) => events.length > 0,
    );
    expect(published.map(({ type }) => type)).toEqual(['Certkeeper.CertificateRotated']);
    expect(filesWithKey(stateDir, pfx.privateKey)).toEqual([]);
  });

  const instances = async (
    wire: ReturnType<typeof makeWire>,
    system: { hostUrl: string; keys: { durable: string } },
  ) =>
    (
      await wire.send(
        `${system.hostUrl}/runtime/webhooks/durabletask/instances?code=${system.keys.durable}`,
      )
    ).body;
});
