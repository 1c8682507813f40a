/** What becomes of targets whose source is deleted, through the whole system. */
import type { SystemOptions } from '../../../local/system.ts';
import { watchApp, type AppUnderTest } from '../../support/system/app-under-test.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

/** Longer than a sweep takes on a busy machine: the one that finds an orphan must not remove it too. */
const GRACE = { seconds: 5, setting: '5s' };
const REMOVING = { CERTKEEPER_CLEANUP: 'remove', CERTKEEPER_CLEANUP_GRACE: GRACE.setting };
const TARGET = 'contoso-gw/certificates/gateway-client';

interface SweepOperation {
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly planned?: readonly {
    readonly source: { readonly name: string };
    readonly target?: string;
    readonly action: string;
    readonly reason: string;
  }[];
}
interface CleanupPage {
  readonly cleanups: readonly {
    readonly id: string;
    readonly status: string;
    readonly target: string;
  }[];
}
interface Shown {
  readonly bindings: readonly {
    readonly target: string;
    readonly status: string;
    readonly orphan?: {
      readonly fate: string;
      readonly since: string;
      readonly removeAfter?: string;
      readonly kept?: { readonly code: string };
    };
  }[];
  readonly history: readonly { readonly what: string }[];
}

async function start(
  settings: Record<string, string>,
  options: Partial<SystemOptions> = {},
): Promise<AppUnderTest> {
  const app = watchApp(await startTestSystem({ ...options, settings }));
  await eventually(
    () => app.binding('contoso-kv', 'gateway-client', TARGET),
    (one) => one?.status === 'verified',
  );
  await app.sync('contoso-kv', 'gateway-client');
  // The first sweep may run still, and one that is asked for joins it.
  await app.sweep();
  return app;
}

/** The object id of Certkeeper's own identity. */
async function ownPrincipal({ wire }: AppUnderTest): Promise<string> {
  const path = `${wire.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/certkeeper-id`;
  const { body } = await wire.send(wire.arm(path, '2023-01-31'));
  return (body as { properties: { principalId: string } }).properties.principalId;
}

const lookAt = (app: AppUnderTest) => {
  const { wire } = app;
  const operation = async () => (await wire.api('/operations/sweep')).body as SweepOperation;
  return {
    deleteSource: async (name: string, vault = 'contoso-kv') => {
      const { status } = await wire.send(wire.vault(vault, `/certificates/${name}`), 'DELETE');
      expect(status).toBe(200);
    },
    recoverSource: (name: string, vault = 'contoso-kv') =>
      wire.send(wire.vault(vault, `/deletedcertificates/${name}/recover`), 'POST'),
    sweep: async () => {
      await app.sweep();
      return await operation();
    },
    show: async (name = 'gateway-client', vault = 'contoso-kv') =>
      (await wire.api(`/certificates/${vault}/${name}`)).body as Shown,
    events: async (type: string) =>
      (await wire.published()).filter((one) => one.type === `Certkeeper.${type}`),
    dryRun: async () => {
      const started = await wire.api('/sweeps', 'POST', { dryRun: true });
      expect(started).toMatchObject({ status: 202, body: { id: 'sweep-dry-run' } });
      return await eventually(
        async () => (await wire.api('/operations/sweep-dry-run')).body as SweepOperation,
        // The host may know of it a moment later.
        ({ state }) => state === 'succeeded' || state === 'blocked' || state === 'failed',
      );
    },
    afterGrace: () => new Promise((resolve) => setTimeout(resolve, GRACE.seconds * 1_000 + 100)),
  };
};

test('a target goes when its source was deleted, after the grace, and comes back with it', async () => {
  const app = await start(REMOVING);
  const { deleteSource, recoverSource, sweep, show, events, afterGrace } = lookAt(app);
  await deleteSource('gateway-client');

  const first = await sweep();
  expect(first.counts).toMatchObject({ softDeleted: 1, orphaned: 1, removed: 0, kept: 1 });
  expect((await show()).bindings).toMatchObject([
    { target: TARGET, orphan: { fate: 'soft-deleted' } },
  ]);
  expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeDefined();
  expect(await events('TargetOrphaned')).toHaveLength(1);

  await afterGrace();
  const second = await sweep();
  expect(second.counts).toMatchObject({ removed: 1, kept: 0 });
  expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeUndefined();
  expect(await events('TargetOrphaned')).toHaveLength(1);
  expect(await events('TargetRemoved')).toMatchObject([
    { subject: 'contoso-kv/gateway-client', data: { target: TARGET } },
  ]);
  const { cleanups } = (await app.wire.api('/cleanups')).body as CleanupPage;
  expect(cleanups).toMatchObject([{ target: TARGET, status: 'removed' }]);

  await recoverSource('gateway-client');
  const third = await sweep();
  expect(third.counts).toMatchObject({ rebound: 1, orphaned: 0 });
  await eventually(
    () => app.binding('contoso-kv', 'gateway-client', TARGET),
    (one) => one?.status === 'verified',
  );
  expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeDefined();
  expect((await show()).history.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['orphan', 'clean-up', 'undo', 'sync']),
  );
});

test("a workspace's certificate goes too, and the pair of them is one too few to be doubted", async () => {
  const app = await start(REMOVING);
  const { deleteSource, recoverSource, sweep, afterGrace } = lookAt(app);
  const pushed = () => app.wire.workspaceCertificate('contoso-gw', 'team-a', 'team-client');
  await eventually(pushed, (one) => one !== undefined);
  await deleteSource('team-client');
  await sweep();
  await afterGrace();
  expect((await sweep()).counts).toMatchObject({ removed: 1 });
  expect(await pushed()).toBeUndefined();
  await recoverSource('team-client');
  await sweep();
  await eventually(pushed, (one) => one !== undefined);
});

describe('by default', () => {
  test('it is reported, found by a dry run, and nothing is removed', async () => {
    const app = await start({ CERTKEEPER_CLEANUP_GRACE: GRACE.setting });
    const { deleteSource, sweep, show, events, afterGrace, dryRun } = lookAt(app);
    await deleteSource('gateway-client');
    const before = await dryRun();
    expect(before.planned).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'orphan', target: TARGET, reason: 'SourceDeleted' }),
      ]),
    );
    expect((await show()).bindings[0]).not.toHaveProperty('orphan');
    expect(await events('TargetOrphaned')).toEqual([]);
    await sweep();
    await afterGrace();
    expect((await sweep()).counts).toMatchObject({ orphaned: 1, removed: 0, kept: 1 });
    expect((await show()).bindings[0]?.orphan).toMatchObject({
      fate: 'soft-deleted',
      kept: { code: 'TARGET_ORPHANED' },
    });
    expect((await dryRun()).planned).toContainEqual(
      expect.objectContaining({ action: 'keep', target: TARGET, reason: 'ModeIsReport' }),
    );
    expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeDefined();
  });
});

describe('what is in use', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await start(REMOVING);
    const { wire } = app;
    const backend = `${wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw/backends/orders`;
    const properties = {
      url: 'https://orders.contoso.com',
      protocol: 'http',
      credentials: { certificateIds: [wire.certificatePath('contoso-gw', 'gateway-client')] },
    };
    expect((await wire.send(wire.arm(backend), 'PUT', { properties })).status).toBe(201);
    await lookAt(app).deleteSource('gateway-client');
    await lookAt(app).sweep();
    await lookAt(app).afterGrace();
  });

  test.each(['accept', 'refuse'])(
    'is left in its place with assumptions.deleteCertificateInUse=%s: that does not count on a refusal',
    async (assumed) => {
      const { wire, system } = app;
      const settings = { 'assumptions.deleteCertificateInUse': assumed };
      expect((await wire.send(`${system.azureUrl}/_local/settings`, 'PUT', settings)).status).toBe(
        200,
      );
      await wire.forgetRequests();
      expect((await lookAt(app).sweep()).counts).toMatchObject({ removed: 0, kept: 1 });
      const deletes = (await wire.requests()).filter(({ method }) => method === 'DELETE');
      expect(deletes).toEqual([]);
      expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeDefined();
    },
  );
});

describe('what may be our eyes failing', () => {
  test('a permission lost over the vault, a vault that does not answer: both remove nothing', async () => {
    const app = await start(REMOVING);
    const { deleteSource, sweep, show, events, afterGrace } = lookAt(app);
    const here = { host: 'contoso-kv.vault.azure.net' };
    await app.wire.fault({
      match: { ...here, path: '/certificates**' },
      answer: { status: 403, code: 'Forbidden', message: 'no permission' },
      times: 1_000,
    });
    const blind = await sweep();
    expect(blind.counts).toMatchObject({ orphaned: 0, softDeleted: 0, purged: 0 });
    expect(blind.problems.map(({ code }) => code)).toContain('CERTKEEPER_PERMISSION_MISSING');
    await app.wire.noFaults();

    await deleteSource('gateway-client');
    // Once: the checks of access, which come later, would ask again and again.
    await app.wire.fault({
      match: { ...here, path: '/deletedcertificates/gateway-client**' },
      drop: true,
      times: 1,
    });
    const deaf = await sweep();
    expect(deaf.counts).toMatchObject({ orphaned: 0, unknown: 1 });
    expect(deaf.problems.map(({ code }) => code)).toContain('AZURE_UNAVAILABLE');
    await app.wire.noFaults();

    // Found deleted, and then nobody can look any more.
    expect((await sweep()).counts).toMatchObject({ orphaned: 1 });
    await afterGrace();
    await app.wire.fault({
      match: { ...here, path: '/**ertificates/gateway-client**' },
      answer: { status: 403, code: 'Forbidden' },
      times: 1_000,
    });
    expect((await sweep()).counts).toMatchObject({ unknown: 1, removed: 0 });
    await app.wire.noFaults();
    expect((await show()).bindings[0]?.orphan).toBeDefined();
    expect(await events('TargetRemoved')).toEqual([]);
    expect(await app.targetThumbprint('contoso-gw', 'gateway-client')).toBeDefined();
  });

  test('a vault that was deleted, and one made anew under its name: both remove nothing', async () => {
    const app = await start({ ...REMOVING, CERTKEEPER_CLEANUP_DISCOVERED: 'true' });
    const { sweep, show, events, afterGrace } = lookAt(app);
    const { wire } = app;
    const vault = `${wire.group}/providers/Microsoft.KeyVault/vaults/contoso-legacy-kv`;
    const version = '2023-07-01';
    const { body } = await wire.send(wire.arm(vault, version));
    const { location, properties } = body as { location: string; properties: object };
    expect((await wire.send(wire.arm(vault, version), 'DELETE')).status).toBe(200);
    const gone = await sweep();
    // Who may not list deleted vaults is told that there is none.
    expect(gone.problems.map(({ code }) => code).join()).toMatch(/VAULT_(DELETED|NOT_FOUND)/);
    expect(gone.counts).toMatchObject({ orphaned: 0 });

    const [, , subscription = ''] = vault.split('/');
    const purge = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/contoso-legacy-kv/purge`;
    expect((await wire.send(wire.arm(purge, version), 'POST')).status).toBeLessThan(300);
    const made = await wire.send(wire.arm(vault, version), 'PUT', { location, properties });
    expect(made.status).toBeLessThan(300);
    // The roles at it went with it: whoever made it anew gives them anew.
    await wire.send(
      wire.arm(
        `${vault}/providers/Microsoft.Authorization/roleAssignments/5eed0000-0000-4000-8000-0000000000ff`,
        '2022-04-01',
      ),
      'PUT',
      {
        properties: {
          roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/21090545-7ca7-4776-b22c-e363652d74d2`,
          principalId: await ownPrincipal(app),
          principalType: 'ServicePrincipal',
        },
      },
    );
    const anew = await eventually(sweep, ({ problems }) =>
      problems.some(({ code }) => code === 'ORPHANS_DOUBTED'),
    );
    expect(anew.counts).toMatchObject({ orphaned: 0, unknown: 1 });
    await afterGrace();
    expect((await sweep()).counts).toMatchObject({ removed: 0 });
    expect((await show('legacy-api', 'contoso-legacy-kv')).bindings[0]).not.toHaveProperty(
      'orphan',
    );
    expect(await events('TargetOrphaned')).toEqual([]);
    expect(await app.targetThumbprint('contoso-gw', 'legacy-api')).toBeDefined();
  });
});

describe('somebody with the role Certkeeper.Manage', () => {
  const roles = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] as const;

  test('puts back what was removed; what is used is not removed at all', async () => {
    const app = await start(REMOVING, { signIn: { roles } });
    const { deleteSource, sweep, show, afterGrace } = lookAt(app);
    const { wire } = app;
    const backend = `${wire.group}/providers/Microsoft.ApiManagement/service/contoso-gw/backends/orders`;
    const certificate = wire.certificatePath('contoso-gw', 'gateway-client');
    const put = await wire.send(wire.arm(backend), 'PUT', {
      properties: {
        url: 'https://orders.contoso.com',
        protocol: 'http',
        credentials: { certificateIds: [certificate] },
      },
    });
    expect(put.status).toBeLessThan(300);
    await deleteSource('gateway-client');
    await sweep();
    await afterGrace();
    expect((await sweep()).counts).toMatchObject({ removed: 0, kept: 1 });
    expect((await show()).bindings[0]?.orphan).toMatchObject({ kept: { code: 'TARGET_IN_USE' } });

    await wire.send(wire.arm(backend), 'DELETE', undefined, { 'if-match': '*' });
    expect((await sweep()).counts).toMatchObject({ removed: 1 });
    const { cleanups } = (await wire.api('/cleanups?status=removed')).body as CleanupPage;
    const id = cleanups[0]?.id ?? '';
    const undo = (body: object) => wire.api(`/cleanups/${id}/undo`, 'POST', body);
    expect(await undo({})).toMatchObject({ status: 409, body: { code: 'CERTIFICATE_DELETED' } });
    expect(await undo({ recover: true })).toMatchObject({ status: 202, body: { cleanup: id } });
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint !== undefined,
    );
    expect((await wire.api(`/cleanups/${id}`)).body).toMatchObject({ status: 'undone' });
    expect(await undo({})).toMatchObject({ status: 202 });
    expect((await sweep()).counts).toMatchObject({ orphaned: 0, rebound: 0 });
  });

  test('confirms what was doubted, since so much of it went at once', async () => {
    const app = await start(
      { ...REMOVING, CERTKEEPER_CLEANUP_DISCOVERED: 'true' },
      { signIn: { roles } },
    );
    const { deleteSource, sweep, events, afterGrace } = lookAt(app);
    const { wire } = app;
    const pushed = () => wire.workspaceCertificate('contoso-gw', 'team-a', 'team-client');
    await eventually(pushed, (one) => one !== undefined);
    await deleteSource('gateway-client');
    await deleteSource('team-client');
    await deleteSource('legacy-api', 'contoso-legacy-kv');
    expect((await sweep()).problems).toMatchObject([
      { code: 'ORPHANS_DOUBTED', resource: 'contoso-gw' },
    ]);
    await afterGrace();
    expect((await sweep()).counts).toMatchObject({ orphaned: 3, removed: 0, kept: 3 });
    expect(await events('OrphansDoubted')).toHaveLength(1);
    const confirmed = await wire.api('/services/contoso-gw/orphans/confirm', 'POST');
    expect(confirmed).toMatchObject({ status: 200, body: { confirmed: [{}, {}, {}] } });
    expect((await sweep()).counts).toMatchObject({ removed: 3, kept: 0 });
  });
});
