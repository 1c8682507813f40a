/** Two whole installations over one Azure, each with a host, a storage account and settings of its own. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { API, CERTKEEPER_IDENTITY, identityId } from '../../../local/seed/fleet.ts';
import {
  startAppUnderTest,
  watchApp,
  type AppUnderTest,
  type Operation,
} from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

const SERVICE = 'contoso-gw';

let first: AppUnderTest;
let second: AppUnderTest;
beforeAll(async () => {
  first = await startAppUnderTest({ settings: { CERTKEEPER_INSTALLATION: 'first' } });
  second = watchApp(await startBeside(first, { CERTKEEPER_INSTALLATION: 'second' }));
});
afterAll(cleanUpSystems);

/** A second host that looks at the Azure of a system that runs. Azure sends it no events. */
async function startBeside({ system, wire }: AppUnderTest, settings: Record<string, string>) {
  const stateDir = stateFolder();
  // The secret of the token endpoint follows from this key, so both have the same one.
  mkdirSync(path.join(stateDir, 'azure'));
  copyFileSync(
    path.join(system.stateDir, 'azure/azure.key'),
    path.join(stateDir, 'azure/azure.key'),
  );
  const { body } = await wire.send(wire.arm(identityId(CERTKEEPER_IDENTITY), API.identity));
  const { clientId } = (body as { properties: { clientId: string } }).properties;
  return await startTestSystem({
    ...{ stateDir, fleet: 'none', signIn: { roles: ['Certkeeper.Manage'] } },
    settings: {
      AZURE_CLIENT_ID: clientId,
      CERTKEEPER_LOCAL_AZURE: system.azureUrl,
      IDENTITY_ENDPOINT: `${system.azureUrl}/msi/token`,
      ...settings,
    },
  });
}

/** What comes of binding a certificate to the service. */
async function bind({ system, wire }: AppUnderTest, name: string): Promise<Operation> {
  const asked = await wire.api(`/certificates/contoso-kv/${name}/bindings`, 'POST', {
    targets: [SERVICE],
  });
  expect(asked.status).toBe(202);
  const { operation } = asked.body as { operation: string };
  return await eventually(
    async () => (await wire.send(`${system.hostUrl}${operation}`)).body as Operation,
    ({ state }) => state !== 'pending' && state !== 'running',
  );
}
const imported = (name: string) =>
  first.wire.importVersion('contoso-kv', name, makePfx(`${name}.contoso.com`));
const found = async ({ wire }: AppUnderTest) => {
  const { body } = await wire.api('/operations/sweep');
  return (body as { findings?: readonly { code: string }[] }).findings ?? [];
};
const taken = (by: string) => ({
  state: 'blocked',
  targets: [
    {
      problem: {
        code: 'SERVICE_TAKEN',
        message: expect.stringContaining(`installation of Certkeeper, ${by},`) as string,
        cure: expect.stringContaining(`POST /api/services/${SERVICE}/take`) as string,
      },
    },
  ],
});

test('The second one keeps its hands off, until somebody takes the service for it', async () => {
  await imported('of-first');
  expect(await bind(first, 'of-first')).toMatchObject({ state: 'succeeded' });

  await second.sweep();
  expect(await found(second)).toContainEqual(expect.objectContaining({ code: 'SERVICE_TAKEN' }));
  await imported('of-second');
  expect(await bind(second, 'of-second')).toMatchObject(taken('first'));
  expect(await first.targetThumbprint(SERVICE, 'of-second')).toBeUndefined();

  // What the first one keeps goes on rotating.
  await imported('of-first');
  expect(await first.sync('contoso-kv', 'of-first')).toMatchObject({ state: 'succeeded' });
  await first.sweep();
  expect(await found(first)).not.toContainEqual(expect.objectContaining({ code: 'SERVICE_TAKEN' }));

  const answer = await second.wire.api(`/services/${SERVICE}/take`, 'POST');
  expect(answer.body).toEqual({ service: SERVICE, installation: 'second', from: 'first' });
  expect(await bind(second, 'of-second')).toMatchObject({ state: 'succeeded' });
  expect(await first.targetThumbprint(SERVICE, 'of-second')).toBeDefined();

  await first.sweep();
  expect(await found(first)).toContainEqual(expect.objectContaining({ code: 'SERVICE_TAKEN' }));
  const before = await first.targetThumbprint(SERVICE, 'of-first');
  await imported('of-first');
  expect(await first.sync('contoso-kv', 'of-first')).toMatchObject(taken('second'));
  expect(await first.targetThumbprint(SERVICE, 'of-first')).toBe(before);
});

test('A service that is not under care cannot be taken', async () => {
  expect(await second.wire.api('/services/other-gw/take', 'POST')).toMatchObject({
    status: 404,
    body: { code: 'SERVICE_NOT_CONFIGURED' },
  });
});
