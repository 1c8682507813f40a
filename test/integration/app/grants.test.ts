/** Giving access and taking it back, through the whole system. */
import { randomUUID } from 'node:crypto';
import {
  startAppUnderTest,
  watchApp,
  type Operation,
} from '../../support/system/app-under-test.ts';
import { syncInstanceId } from '../../../shared/durable/instance-id.ts';
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
  type RunningSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const AUTO = { CERTKEEPER_GRANT_ACCESS: 'auto' };
const LAB = 'contoso-lab-gw';

interface Service {
  readonly identity?: { readonly type: string; readonly principalId: string };
  readonly properties: { readonly certificates: unknown; readonly provisioningState: string };
}
interface Assignment {
  readonly id: string;
  readonly properties: {
    readonly principalId: string;
    readonly roleDefinitionId: string;
    readonly scope: string;
  };
}

const servicePath = (wire: Wire, name: string) =>
  `${wire.group}/providers/Microsoft.ApiManagement/service/${name}`;
const vaultPath = (wire: Wire, name = 'contoso-kv') =>
  `${wire.group}/providers/Microsoft.KeyVault/vaults/${name}`;
const readService = async (wire: Wire, name = LAB) =>
  (await wire.send(wire.arm(servicePath(wire, name)))).body as Service;

/** Who holds Key Vault Certificate User at contoso-kv itself. */
async function readers(wire: Wire): Promise<readonly Assignment[]> {
  const { body } = await wire.send(
    wire.arm(`${vaultPath(wire)}/providers/Microsoft.Authorization/roleAssignments`, '2022-04-01'),
  );
  return (body as { value: Assignment[] }).value.filter(
    ({ properties }) =>
      properties.scope === vaultPath(wire) &&
      properties.roleDefinitionId.endsWith(CERTIFICATE_USER),
  );
}

const settings = ({ azureUrl }: RunningSystem, values: object) =>
  fetch(`${azureUrl}/_local/settings`, { method: 'PUT', body: JSON.stringify(values) });
const attached = async (wire: Wire, id: string) =>
  (await wire.apimCertificate(LAB, id))?.properties.thumbprint;
const patches = async (wire: Wire) =>
  (await wire.requests()).filter(
    ({ method, path }) => method === 'PATCH' && path === servicePath(wire, LAB),
  ).length;
const operationOf = async (wire: Wire, name: string) => {
  const id = syncInstanceId({ vault: 'contoso-kv', name });
  const { status, body } = await wire.api(`/operations/${id}`);
  return status === 200 ? (body as Operation) : { state: 'pending', step: '' };
};
const granted = async (wire: Wire) =>
  (await wire.published()).filter(({ type }) => type === 'Certkeeper.AccessGranted') as {
    subject: string;
    data: { grant?: string };
  }[];

describe('with CERTKEEPER_GRANT_ACCESS=auto', () => {
  it('all goes by itself from no identity to verified, for allowed pairs alone', async () => {
    const stateDir = stateFolder();
    const before = await startAppUnderTest({ stateDir });
    const two = makePfx('reports-two.contoso.com');
    await before.wire.importVersion('contoso-kv', 'reports-two', two, {
      tags: { 'certkeeper-targets': LAB },
    });
    const blocked = await before.sync('contoso-kv', 'reports');
    expect(blocked).toMatchObject({ state: 'blocked', problem: { code: 'IDENTITY_MISSING' } });
    const authority = { storeName: 'CertificateAuthority', encodedCertificate: two.value };
    await before.wire.send(before.wire.arm(servicePath(before.wire, LAB)), 'PATCH', {
      properties: { certificates: [{ ...authority, certificatePassword: two.password }] },
    });
    const service = await eventually(
      () => readService(before.wire),
      ({ properties }) => properties.provisioningState === 'Succeeded',
    );
    expect(service.properties.certificates).toHaveLength(1);
    // What contoso-eu-gw lacks is not given: no rule of the second run allows it anything.
    const others = await readers(before.wire);
    for (const { id } of others) {
      await before.wire.send(before.wire.arm(id, '2022-04-01'), 'DELETE');
    }
    await settings(before.system, { 'authorization.propagationSeconds': 4 });
    // Certkeeper's own roles, given just now by the seed, have to count when it starts again.
    await eventually(
      () => before.sync('contoso-kv', 'gateway-client'),
      ({ state }) => state === 'succeeded',
    );
    await before.system.stop();

    const system = await startTestSystem({
      stateDir,
      settings: { ...AUTO, CERTKEEPER_ALLOW: `contoso-kv/reports* => ${LAB}` },
    });
    const app = watchApp(system);
    const { wire } = app;
    await app.sweep();
    const steps = new Set<string>();
    const thumbprints = await eventually(
      async () => {
        // Either of the two may be the one that gives, and the other the one that waits for it.
        for (const name of ['reports', 'reports-two']) {
          steps.add((await operationOf(wire, name)).step);
        }
        return [await attached(wire, 'reports'), await attached(wire, 'reports-two')];
      },
      ([first, second]) => first !== undefined && second !== undefined,
      90_000,
    );
    expect(thumbprints[1]).toBe(two.thumbprint);
    expect([...steps].join('\n')).toMatch(
      /waiting\. The system-assigned identity of contoso-lab-gw/,
    );
    expect([...steps].join('\n')).toMatch(/waiting\. .*until it counts.*UTC at most/);

    const after = await readService(wire);
    expect(after.identity?.type).toBe('SystemAssigned');
    expect(after.properties.certificates).toEqual(service.properties.certificates);
    expect(await patches(wire)).toBe(1);
    expect((await readers(wire)).map(({ properties }) => properties.principalId)).toEqual([
      after.identity?.principalId,
    ]);
    const events = await eventually(
      () => granted(wire),
      (all) => all.length >= 2,
    );
    expect(events.map(({ data }) => data.grant).sort()).toEqual(['assign-role', 'enable-identity']);

    await wire.importVersion('contoso-kv', 'partner-mtls', makePfx('partner-mtls.contoso.com'));
    const refused = await app.sync('contoso-kv', 'partner-mtls');
    expect(refused).toMatchObject({ state: 'blocked', problem: { code: 'PERMISSION_MISSING' } });
    expect(await readers(wire)).toHaveLength(1);
  });

  it('a power cut anywhere on the way costs nothing and gives nothing twice', async () => {
    const stateDir = stateFolder();
    const first = await startAppUnderTest({ stateDir });
    expect(await first.sync('contoso-kv', 'reports')).toMatchObject({ state: 'blocked' });
    await settings(first.system, { 'apiManagement.operationSeconds': 10 });
    await first.system.stop();

    const start = async (): Promise<[RunningSystem, Wire]> => {
      const system = await startTestSystem({ stateDir, settings: AUTO });
      return [system, makeWire(system)];
    };
    const says = (wire: Wire, words: string) =>
      eventually(
        async () => (await operationOf(wire, 'reports')).step,
        (step) => step.includes(words),
        90_000,
      );

    const [second, atPatch] = await start();
    const service = servicePath(atPatch, LAB);
    await atPatch.fault({ match: { method: 'PATCH', path: service }, delayMs: 60_000 });
    await watchApp(second).sweep();
    await says(atPatch, 'enabling the system-assigned identity of contoso-lab-gw');
    await second.killHard();

    const [third, atRole] = await start();
    const path = '**/providers/Microsoft.Authorization/roleAssignments/*';
    await atRole.fault({ match: { method: 'PUT', path }, delayMs: 60_000 });
    await says(atRole, 'giving contoso-lab-gw the role Key Vault Certificate User at contoso-kv');
    expect(await patches(atRole)).toBe(1);
    await third.killHard();

    const [, wire] = await start();
    await eventually(
      () => attached(wire, 'reports'),
      (thumbprint) => thumbprint !== undefined,
      90_000,
    );
    expect(await patches(wire)).toBe(0);
    const { identity } = await readService(wire);
    const mine = (await readers(wire)).filter(
      ({ properties }) => properties.principalId === identity?.principalId,
    );
    expect(mine).toHaveLength(1);
    const shown = (await wire.api('/certificates/contoso-kv/reports')).body as {
      history: { what: string }[];
    };
    expect(shown.history.filter(({ what }) => what === 'grant')).toHaveLength(2);
  });
});

describe('by hand', () => {
  let system: RunningSystem;
  let wire: Wire;
  beforeAll(async () => {
    const roles = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];
    system = await startTestSystem({
      signIn: { roles },
      settings: { CERTKEEPER_ALLOW: `contoso-kv/* => ${LAB}/certificates/reports` },
    });
    wire = makeWire(system);
    await eventually(
      async () => (await operationOf(wire, 'reports')).state,
      (state) => state === 'blocked',
    );
  });

  const grant = (method: string, query: string) =>
    wire.api(`/certificates/contoso-kv/reports/access/grant?target=${query}`, method);

  it('a service is given what it lacks, and is attached by the sync that follows', async () => {
    const dry = await grant('POST', `${LAB}&dryRun=true`);
    expect(dry).toMatchObject({
      status: 200,
      body: {
        obstacles: [],
        steps: [{ kind: 'enable-identity' }, { kind: 'assign-role' }],
      },
    });
    expect((await readService(wire)).identity).toBeUndefined();

    const { status, headers } = await grant('POST', LAB);
    expect(status).toBe(202);
    const address = (headers.get('location') ?? '').replace('/api', '');
    const ended = await eventually(
      async () => (await wire.api(address)).body as Operation & { given?: unknown; sync?: string },
      ({ state }) => !['pending', 'running'].includes(state),
      90_000,
    );
    expect(ended).toMatchObject({
      kind: 'grant',
      state: 'succeeded',
      target: `${LAB}/certificates/reports`,
      given: [{ kind: 'enable-identity' }, { kind: 'assign-role' }],
    });
    await eventually(
      () => attached(wire, 'reports'),
      (thumbprint) => thumbprint !== undefined,
    );
  });

  it('what was given is taken back, and what others gave stays', async () => {
    const { identity } = await readService(wire);
    const principalId = identity?.principalId ?? '';
    const foreign = randomUUID();
    await wire.send(
      wire.arm(
        `${vaultPath(wire)}/providers/Microsoft.Authorization/roleAssignments/${foreign}`,
        '2022-04-01',
      ),
      'PUT',
      {
        properties: {
          principalId: randomUUID(),
          principalType: 'ServicePrincipal',
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${CERTIFICATE_USER}`,
        },
      },
    );
    const before = await readers(wire);
    const { status, body } = await grant('DELETE', LAB);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      takenBack: [{ kind: 'assign-role' }],
      left: [{ kind: 'enable-identity' }],
    });
    expect(await readers(wire)).toEqual(
      before.filter(({ properties }) => properties.principalId !== principalId),
    );
    expect(await grant('DELETE', LAB)).toMatchObject({ body: { takenBack: [] } });
  });

  it('nothing is given to a pair that is not allowed', async () => {
    for (const target of [`${LAB}/certificates/another`, 'contoso-gw']) {
      expect(await grant('POST', target)).toMatchObject({
        status: 403,
        body: { code: 'BINDING_NOT_ALLOWED' },
      });
    }
  });
});
