import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { syncInstanceId } from '../../../shared/durable/instance-id.ts';
import { countRequests, makeWire, type Wire } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';

interface View {
  readonly certificates: readonly {
    readonly vault: string;
    readonly name: string;
    readonly thumbprint?: string;
    readonly bindings: readonly {
      readonly target: string;
      readonly status: string;
      readonly thumbprint?: string;
      readonly verifiedAt?: string;
      readonly problem?: { readonly code: string };
    }[];
  }[];
}

interface Operation {
  readonly state: string;
  readonly step: string;
  readonly targets?: readonly {
    readonly target: string;
    readonly outcome: string;
    readonly thumbprint?: string;
  }[];
  readonly problem?: { readonly code: string; readonly message: string; readonly cure?: string };
}

jest.setTimeout(120_000);

let system: RunningSystem;
let wire: Wire;

beforeAll(async () => {
  system = await startTestSystem();
  wire = makeWire(system);
  // The sweep at the start finds what is attached already, and asks for what is behind.
  await eventually(
    () => binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
    (one) => one?.status === 'verified',
  );
  await rest('gateway-client', 'contoso-kv');
});
afterAll(cleanUpSystems);

async function binding(vault: string, name: string, target: string) {
  const { certificates } = (await wire.api('/certificates')).body as View;
  return certificates
    .find((one) => one.vault === vault && one.name === name)
    ?.bindings.find((one) => one.target === target);
}

/** Syncs through the API and waits until the operation is over. */
async function sync(vault: string, name: string): Promise<Operation> {
  const started = await wire.api(`/certificates/${vault}/${name}/sync`, 'POST');
  expect(started.status).toBe(202);
  const location = started.headers.get('location') ?? '';
  return await eventually(
    async () => (await wire.send(`${system.hostUrl}${location}`)).body as Operation,
    ({ state }) => state !== 'running' && state !== 'pending',
  );
}

/** Sweeps and waits until that is done. */
async function sweep(): Promise<void> {
  expect(await wire.api('/sweeps', 'POST')).toMatchObject({ status: 202 });
  await eventually(
    async () => (await wire.api('/operations/sweep')).body as Operation,
    ({ state }) => state !== 'running' && state !== 'pending',
  );
}

/** Waits until nothing runs for a source, so that what is counted next is its own. */
const rest = (name: string, vault: string) => sync(vault, name);

const targetThumbprint = async (service: string, id: string) =>
  (await wire.apimCertificate(service, id))?.properties.thumbprint;

describe('a new version in the vault', () => {
  it('reaches a service that reads an RBAC vault, without any other call', async () => {
    const pfx = makePfx('gateway.contoso.example');
    const imported = await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    expect(imported).toBe(pfx.thumbprint);
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await eventually(
      () => binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
      (one) => one?.status === 'verified' && one.thumbprint === pfx.thumbprint,
    );
  });

  it('reaches a service that reads a vault with access policies', async () => {
    const pfx = makePfx('legacy.contoso.example');
    await wire.importVersion('contoso-legacy-kv', 'legacy-api', pfx);
    await eventually(
      () => targetThumbprint('contoso-gw', 'legacy-api'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  it('reaches a target that was pinned to a version, which is versionless from then on', async () => {
    const before = await wire.apimCertificate('contoso-eu-gw', 'partner-mtls');
    const pfx = makePfx('partner.contoso.example');
    await wire.importVersion('contoso-kv', 'partner-mtls', pfx);
    const after = await eventually(
      () => wire.apimCertificate('contoso-eu-gw', 'partner-mtls'),
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
    await wire.send(`${system.azureUrl}/_local/topics/certkeeper-events/events`, 'DELETE');
    const pfx = makePfx('published.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const events = await eventually(
      // The syncs of the tests before may still be publishing.
      async () => (await wire.published()).filter(({ data }) => data.thumbprint === pfx.thumbprint),
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
    for (const pfx of pfxs) await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const last = pfxs.at(-1)?.thumbprint;
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === last,
    );
    const operation = await sync('contoso-kv', 'gateway-client');
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.targets).toMatchObject([
      { target: 'contoso-gw/certificates/gateway-client', thumbprint: last },
    ]);
  });
});

describe('an event that comes again', () => {
  it('causes one refresh when delivered 20 times at once, and none when it comes later', async () => {
    await rest('gateway-client', 'contoso-kv');
    await wire.forgetRequests();
    const pfx = makePfx('twenty.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const event = newVersionEvent('contoso-kv', 'gateway-client');
    const answers = await Promise.all(Array.from({ length: 20 }, () => wire.deliver([event])));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await settled();
    for (let time = 0; time < 20; time += 1) await wire.deliver([event]);
    await settled();
    const { refreshes, writes } = countRequests(await wire.requests());
    expect({ refreshes, writes }).toEqual({ refreshes: 1, writes: 0 });
  });

  /** No sync of the source is under way. */
  async function settled(): Promise<void> {
    const id = syncInstanceId({ vault: 'contoso-kv', name: 'gateway-client' });
    await eventually(
      async () => (await wire.api(`/operations/${id}`)).body as Operation,
      ({ state }) => state === 'succeeded',
    );
  }
});

describe('what stands in the way', () => {
  it('is named with its cure: a service without identity', async () => {
    const operation = await sync('contoso-kv', 'reports');
    expect(operation.state).toBe('blocked');
    expect(operation.problem).toMatchObject({ code: 'IDENTITY_MISSING' });
    expect(operation.problem?.message).toContain('contoso-lab-gw');
    expect(operation.problem?.cure).toMatch(/az .*SystemAssigned/);
    expect(await wire.apimCertificate('contoso-lab-gw', 'reports')).toBeUndefined();
  });

  it('is named with its cure: a role that was taken away', async () => {
    const pfx = makePfx('norole.contoso.example');
    const roles = await roleAssignments();
    for (const role of roles) await wire.send(wire.arm(role.id, '2022-04-01'), 'DELETE');
    const before = await targetThumbprint('contoso-gw', 'gateway-client');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const operation = await sync('contoso-kv', 'gateway-client');
    expect(operation.state).toBe('blocked');
    expect(operation.problem).toMatchObject({ code: 'PERMISSION_MISSING' });
    expect(operation.problem?.cure).toMatch(
      /az role assignment create .*Key Vault Certificate User/,
    );
    expect(await targetThumbprint('contoso-gw', 'gateway-client')).toBe(before);

    for (const { id, properties } of roles) {
      const { roleDefinitionId, principalId } = properties;
      await wire.send(wire.arm(id, '2022-04-01'), 'PUT', {
        properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' },
      });
    }
    expect(await sync('contoso-kv', 'gateway-client')).toMatchObject({ state: 'succeeded' });
    expect(await targetThumbprint('contoso-gw', 'gateway-client')).toBe(pfx.thumbprint);
  });

  it('leaves the targets as they are while the current version is disabled', async () => {
    await rest('legacy-api', 'contoso-legacy-kv');
    const before = await targetThumbprint('contoso-gw', 'legacy-api');
    await wire.importVersion('contoso-legacy-kv', 'legacy-api', makePfx('off.contoso.example'), {
      attributes: { enabled: false },
    });
    const operation = await sync('contoso-legacy-kv', 'legacy-api');
    expect(operation.problem).toMatchObject({ code: 'CURRENT_VERSION_DISABLED' });
    expect(await targetThumbprint('contoso-gw', 'legacy-api')).toBe(before);

    const pfx = makePfx('on-again.contoso.example');
    await wire.importVersion('contoso-legacy-kv', 'legacy-api', pfx);
    await eventually(
      () => targetThumbprint('contoso-gw', 'legacy-api'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  /** The roles of contoso-gw's identity at the vault. */
  async function roleAssignments() {
    const service = await wire.send(
      wire.arm(`${wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw`),
    );
    const { identity } = service.body as { identity: { principalId: string } };
    const scope = `${wire.group}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
    const list = await wire.send(
      wire.arm(
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

describe('a tag', () => {
  it('attaches a certificate where CERTKEEPER_ALLOW consents', async () => {
    const pfx = makePfx('tagged.contoso.example');
    await wire.importVersion('contoso-kv', 'tagged', pfx, {
      tags: { 'certkeeper-targets': 'contoso-gw, contoso-eu-gw/certificates/tagged-eu' },
    });
    const here = await eventually(
      () => wire.apimCertificate('contoso-gw', 'tagged'),
      (one) => one !== undefined,
    );
    const there = await eventually(
      () => wire.apimCertificate('contoso-eu-gw', 'tagged-eu'),
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
    const before = await targetThumbprint('contoso-gw', 'legacy-api');
    await wire.importVersion('contoso-kv', 'thief', makePfx('thief.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw/certificates/legacy-api' },
    });
    const operation = await sync('contoso-kv', 'thief');
    expect(operation.problem).toMatchObject({ code: 'TARGET_TAKEN' });
    expect(await targetThumbprint('contoso-gw', 'legacy-api')).toBe(before);
  });

  it('gets nothing for kinds of target that are not kept yet, and for unknown services', async () => {
    await wire.importVersion('contoso-kv', 'elsewhere', makePfx('elsewhere.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw/ca/Root, unknown-gw, not a path' },
    });
    const operation = await sync('contoso-kv', 'elsewhere');
    expect(operation.state).toBe('blocked');
    const codes = (operation.targets as readonly { problem?: { code: string } }[]).map(
      ({ problem }) => problem?.code,
    );
    expect(codes).toEqual(['TARGET_UNSUPPORTED', 'SERVICE_NOT_CONFIGURED']);
    expect(operation.problem).toMatchObject({ code: 'TARGET_UNREADABLE' });
  });

  it('is held by the ledger when the next version has no tags', async () => {
    const pfx = makePfx('untagged.contoso.example');
    await wire.importVersion('contoso-kv', 'tagged', pfx);
    await eventually(
      () => targetThumbprint('contoso-eu-gw', 'tagged-eu'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });

  it('unbinds when it says none: the target stays, and is no longer rotated', async () => {
    await wire.importVersion('contoso-kv', 'tagged', makePfx('none.contoso.example'), {
      tags: { 'certkeeper-targets': 'none' },
    });
    await sync('contoso-kv', 'tagged');
    const before = await targetThumbprint('contoso-eu-gw', 'tagged-eu');
    expect(before).toMatch(/^[0-9A-F]{40}$/);
    const bound = () => binding('contoso-kv', 'tagged', 'contoso-eu-gw/certificates/tagged-eu');
    expect(await bound()).toBeUndefined();
    // The service still uses it; a sweep does not take that for a new binding.
    await wire.importVersion('contoso-kv', 'tagged', makePfx('still-none.contoso.example'));
    await sweep();
    expect(await bound()).toBeUndefined();
    expect(await targetThumbprint('contoso-eu-gw', 'tagged-eu')).toBe(before);
  });
});

describe('a dry run', () => {
  it('answers the plan and changes nothing', async () => {
    await wire.importVersion('contoso-kv', 'planned', makePfx('planned.contoso.example'), {
      tags: { 'certkeeper-targets': 'contoso-gw' },
    });
    await sync('contoso-kv', 'planned');
    await wire.send(wire.arm(wire.certificatePath('contoso-gw', 'planned')), 'DELETE', undefined, {
      'if-match': '*',
    });
    await wire.forgetRequests();
    const { status, body } = await wire.api(
      '/certificates/contoso-kv/planned/sync?dryRun=true',
      'POST',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      targets: [
        { target: 'contoso-gw/certificates/planned', step: 'attach', reason: 'TargetAbsent' },
      ],
    });
    const requests = await wire.requests();
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(await wire.apimCertificate('contoso-gw', 'planned')).toBeUndefined();
  });
});

describe('secrets', () => {
  it('are nowhere: not in state, task hub, storage or logs', async () => {
    const pfx = makePfx('marked.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await rest('gateway-client', 'contoso-kv');
    // The private key's own bytes: what lies before them is the modulus, which is public.
    const key = Buffer.from(pfx.privateKey, 'base64');
    const marks = [pfx.password, pfx.value.slice(0, 400), pfx.value.slice(400, 800)]
      .map((mark) => Buffer.from(mark))
      .concat(key.subarray(600, 700), Buffer.from(pfx.privateKey.slice(800, 930)));
    const found = filesBelow(system.stateDir).filter((file) => {
      const content = readFileSync(file);
      return marks.some((mark) => content.includes(mark));
    });
    expect(found).toEqual([]);
    expect(filesBelow(system.stateDir).length).toBeGreaterThan(5);
  });

  const filesBelow = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
});

describe('faults of Azure', () => {
  afterEach(() => wire.noFaults());

  it('are waited out: throttled with Retry-After, then broken, then well', async () => {
    await rest('gateway-client', 'contoso-kv');
    const refresh = { method: 'POST', path: '**/gateway-client/refreshSecret' };
    await wire.fault({
      match: refresh,
      answer: { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '1' } },
      times: 1,
    });
    await wire.fault({ match: refresh, answer: { status: 503 }, times: 1 });
    const pfx = makePfx('faults.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });
});

describe('requests that cannot be used', () => {
  it.each([
    [
      'a vault that is not under care',
      '/certificates/other-kv/some/sync',
      404,
      'VAULT_NOT_CONFIGURED',
    ],
    [
      'a name that Key Vault does not allow',
      '/certificates/contoso-kv/a_b/sync',
      400,
      'INVALID_REQUEST',
    ],
    ['a flag that is none', '/certificates/contoso-kv/a/sync?dryRun=maybe', 400, 'INVALID_REQUEST'],
  ])('are answered with a problem: %s', async (_what, path, status, code) => {
    const answer = await wire.api(path, 'POST');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer).toMatchObject({ status, body: { status, code } });
  });

  it('are answered with a problem: an operation that is not there', async () => {
    for (const id of ['sync-00000000000000000000', 'sweep2', '..%2Fsweep']) {
      const answer = await wire.api(`/operations/${id}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });

  it('say what is missing when a certificate is not there', async () => {
    const operation = await sync('contoso-kv', 'nobody');
    // Nothing is bound to it, so nothing is in the way of anything.
    expect(operation).toMatchObject({ state: 'succeeded', targets: [] });
  });
});

describe('events that are not what they should be', () => {
  const good = () => newVersionEvent('contoso-kv', 'gateway-client');

  it.each<[string, unknown, number]>([
    ['no JSON', '{"', 400],
    ['more than Event Grid ever sends', [{ filler: 'x'.repeat(1_100_000) }], 413],
    ['not an event', [{ hello: 'world' }], 202],
    ['another vault', [newVersionEvent('evil-kv', 'gateway-client')], 202],
    [
      'another kind of resource',
      [{ ...newVersionEvent('contoso-kv', 'x'), eventType: 'Microsoft.Storage.BlobCreated' }],
      202,
    ],
    [
      'a secret, not a certificate',
      [
        {
          ...newVersionEvent('contoso-kv', 'x'),
          eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
        },
      ],
      202,
    ],
    ['no data', [{ ...newVersionEvent('contoso-kv', 'x'), data: null }], 202],
    [
      'a forged host',
      [
        {
          ...newVersionEvent('contoso-kv', 'x'),
          data: { Id: 'https://contoso-kv.vault.azure.net.evil.example/certificates/x/1' },
        },
      ],
      202,
    ],
  ])('start nothing: %s', async (_what, body, status) => {
    await rest('gateway-client', 'contoso-kv');
    await wire.forgetRequests();
    const answer = await wire.deliver(body);
    expect(answer.status).toBe(status);
    // A good event afterwards is the proof that the bad one is over and broke nothing.
    await wire.deliver([good()]);
    await eventually(
      () => wire.requests(),
      (requests) => requests.some(({ path }) => path.endsWith('/certificates/gateway-client/')),
    );
    const touched = new Set((await wire.requests()).map(({ host, path }) => `${host}${path}`));
    expect([...touched].filter((one) => !one.includes('gateway-client'))).toEqual([]);
  });

  it('are understood with the stray blanks and missing fields of the vendor sample', async () => {
    await rest('gateway-client', 'contoso-kv');
    await wire.forgetRequests();
    const { data, ...rest_ } = good();
    const { Id, VaultName } = data;
    const answer = await wire.deliver([
      {
        ...rest_,
        data: { id: ` ${Id}`, VaultName, 'ObjectName ': 'gateway-client', Version: ' x' },
      },
    ]);
    expect(answer.status).toBe(202);
    await eventually(
      () => wire.requests(),
      (requests) => requests.some(({ path }) => path.includes('gateway-client')),
    );
  });
});

// The last one: nothing tells of changes in the vault from here on.
describe('events that are lost', () => {
  it('cost time only: the sweep makes up for them', async () => {
    const scope = `${wire.group}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
    const subscriptions = `${scope}/providers/Microsoft.EventGrid/eventSubscriptions`;
    const list = await wire.send(wire.arm(subscriptions, '2025-02-15'));
    const { value } = list.body as { value: { id: string }[] };
    expect(value).toHaveLength(1);
    for (const { id } of value) {
      const answer = await wire.send(wire.arm(id, '2025-02-15'), 'DELETE');
      expect(answer.status).toBeLessThan(300);
    }
    await rest('gateway-client', 'contoso-kv');
    const pfx = makePfx('lost.contoso.example');
    await wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await rest('legacy-api', 'contoso-legacy-kv');
    expect(await targetThumbprint('contoso-gw', 'gateway-client')).not.toBe(pfx.thumbprint);

    await sweep();
    await eventually(
      () => targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });
});

function newVersionEvent(vault: string, name: string) {
  const version = 'ee059b2bb5bc48398a53b168c6cdcb10';
  return {
    id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
    topic: `/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso/providers/Microsoft.KeyVault/vaults/${vault}`,
    subject: name,
    eventType: 'Microsoft.KeyVault.CertificateNewVersionCreated',
    eventTime: '2026-07-25T01:08:33.1036736Z',
    data: {
      Id: `https://${vault}.vault.azure.net/certificates/${name}/${version}`,
      VaultName: vault,
      ObjectType: 'Certificate',
      ObjectName: name,
      Version: version,
      NBF: '1559081980',
      EXP: '1559082102',
    },
    dataVersion: '1',
    metadataVersion: '1',
  };
}
