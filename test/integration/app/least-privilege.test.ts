/**
 * Every right that a deployment gives Certkeeper, against what it really asks for: for each task with
 * the roles for that task alone, read from where the deployment reads them.
 */
import { makeAzureWire } from '../../../local/seed/azure-wire.ts';
import { TASKS, type Task } from '../../../local/seed/certkeeper-roles.ts';
import {
  ALLOW,
  API,
  placeId,
  serviceId,
  TEAM,
  vaultId,
  VAULTS,
} from '../../../local/seed/fleet.ts';
import { makeClientCertificate } from '../../support/azure/graph-world.ts';
import { watchApp, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { watchAudits } from '../../support/system/audits.ts';
import { findAutomation, type Automation } from '../../support/system/automation.ts';
import { makeRoots, setUpdateSeconds, watchCaService } from '../../support/system/ca-service.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { operationsOf, watchOwnRoles, type OwnRoles } from '../../support/system/own-roles.ts';
import {
  putReferringContents,
  putServiceContents,
} from '../../support/system/referring-contents.ts';
import { cleanUpSystems, startTestSystem } from '../../support/system/running-system.ts';
import { ask, settle, uploadForm, type Answered } from '../../support/system/upload.ts';

jest.setTimeout(240_000);

const GATEWAY = 'contoso-gw';
const WORKSPACE = `${GATEWAY}/workspaces/team-a`;
const LAB = 'contoso-lab-gw';
/** What Certkeeper asks for and does without; docs/permissions.md says why no role allows it. */
const DONE_WITHOUT = ['Microsoft.ApiManagement/service/allPolicies/read'];

let app: AppUnderTest;
let roles: OwnRoles;
let automation: Automation;
let openssl: Openssl;
beforeAll(async () => {
  openssl = openOpenssl();
  const system = await startTestSystem({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
    prepare: async (azureUrl) => ({ CERTKEEPER_ALLOW: await allowAll(azureUrl) }),
    settings: { CERTKEEPER_REPAIR_REFERENCES: 'repair', CERTKEEPER_USAGE_MAX_AGE: '0s' },
  });
  app = watchApp(system);
  roles = await watchOwnRoles(system);
  automation = await findAutomation(app);
  await setUpdateSeconds(app.wire, system, 1);
  // With all its rights, Certkeeper brings what the tasks below work on to where it is needed.
  const [inService, inWorkspace] = await Promise.all([
    bound('presented', [GATEWAY]),
    bound('presented-there', [WORKSPACE]),
  ]);
  const arm = {
    ask: (method: string, path: string, body?: unknown, headers: object = {}) =>
      app.wire.send(`${system.azureUrl}/management.azure.com${path}`, method, body, { ...headers }),
  };
  await putReferringContents(arm, serviceId(GATEWAY), inService);
  await putServiceContents(arm, serviceId(GATEWAY), inService);
  await putReferringContents(arm, placeId(TEAM), inWorkspace);
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
});

/** The fleet's own rules, and certificates of both vaults at its application. */
async function allowAll(azureUrl: string): Promise<string> {
  const { body } = await makeAzureWire(azureUrl).ask(
    'GET',
    'graph.microsoft.com/v1.0/applications',
  );
  const keys = (body as { value: { appId: string }[] }).value.flatMap(({ appId }) =>
    VAULTS.map((vault) => `${vault}/*-bot => entra/applications/${appId}`),
  );
  return [ALLOW, ...keys].join('; ');
}

const send = (method: string, path: string, body: object = {}): Promise<Answered> =>
  ask(app.system, path, {
    method,
    headers: { ...app.system.headers, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });

/** A new version of a certificate, made by somebody else. @returns its thumbprint */
const imported = (name: string, vault = 'contoso-kv', more: Record<string, unknown> = {}) =>
  app.wire.importVersion(vault, name, makePfx(`${name}.contoso.com`), more);

/** Binds a certificate of a vault to targets, and waits until it is in place there. */
async function bind(name: string, targets: readonly string[], vault = 'contoso-kv'): Promise<void> {
  const answered = await send('POST', `/certificates/${vault}/${name}/bindings`, { targets });
  expect(await settle(app, answered)).toMatchObject({ state: 'succeeded' });
}

/** A certificate that is new in its vault and bound. @returns its thumbprint */
async function bound(name: string, targets: readonly string[], vault?: string): Promise<string> {
  const thumbprint = await imported(name, vault);
  await bind(name, targets, vault);
  return thumbprint;
}

/** A new version, and that it got to every target. */
async function rotated(name: string, vault = 'contoso-kv'): Promise<void> {
  await imported(name, vault);
  expect(await app.sync(vault, name)).toMatchObject({
    state: 'succeeded',
    targets: [{ outcome: 'rotated' }],
  });
}

async function report(): Promise<void> {
  await app.sweep();
  await app.sweep();
  expect(await watchAudits(app).audit()).toMatchObject({ state: 'succeeded' });
  for (const source of ['contoso-kv/gateway-client', 'contoso-legacy-kv/legacy-api']) {
    const access = await send('GET', `/certificates/${source}/access?target=${GATEWAY}`);
    expect(access.status).toBe(200);
  }
}

/** A service that nobody keeps any more is marked before it is changed. */
async function unmarked(): Promise<void> {
  const tag = app.wire.arm(`${serviceId(GATEWAY)}/tags/certkeeper-installation`, API.apiManagement);
  expect((await app.wire.send(tag, 'DELETE', undefined, { 'if-match': '*' })).status).toBe(200);
  await app.sweep();
}

async function rotate(): Promise<void> {
  await unmarked();
  await rotated('gateway-client');
  await bound('attached-now', [GATEWAY]);
}

async function workspaces(): Promise<void> {
  await unmarked();
  await rotated('team-client');
  await bound('legacy-team', [WORKSPACE], 'contoso-legacy-kv');
}

/** Both ways to sign in: with the key, and by the vault where the key may not leave it. */
async function applications(): Promise<void> {
  for (const vault of VAULTS) {
    for (const exportable of [true, false]) {
      const name = exportable ? 'leaves-bot' : 'stays-bot';
      const { pfx } = await makeClientCertificate(`CN=${name}`);
      const policy = { key_props: { exportable } };
      await app.wire.importVersion(vault, name, { value: pfx, password: '' }, { policy });
      await bind(name, [automation.target], vault);
      const path = `/certificates/${vault}/${name}/access?target=${automation.target}`;
      expect((await send('GET', path)).body).toMatchObject({ verdict: 'clear' });
    }
  }
}

async function upload(): Promise<void> {
  for (const vault of VAULTS) {
    const before = makePfx('uploaded.contoso.com');
    const next = makePfx('uploaded.contoso.com');
    const put = ({ value, password }: typeof before, more: object = {}) =>
      uploadForm(
        app.system,
        '/certificates',
        Buffer.from(value, 'base64'),
        { vault, name: 'uploaded', password, ...more },
        { headers: { ...app.system.headers } },
      );
    await settle(app, await put(before));
    await app.wire.send(app.wire.vault(vault, '/certificates/uploaded'), 'DELETE');
    await settle(app, await put(next, { recover: 'true' }));
  }
}

async function ca(): Promise<void> {
  await unmarked();
  const service = watchCaService(app.system, app.wire);
  const [root] = makeRoots(openssl, 1);
  expect(await service.add(root?.der ?? Buffer.alloc(0))).toMatchObject({ status: 202 });
  expect(await service.settled()).toMatchObject({ state: 'succeeded' });
}

/** A service without an identity gets one, and what it lacks at a vault of either kind. */
async function grant(): Promise<void> {
  await imported('legacy-lab', 'contoso-legacy-kv', { tags: { 'certkeeper-targets': LAB } });
  for (const source of ['contoso-kv/reports', 'contoso-legacy-kv/legacy-lab']) {
    const path = `/certificates/${source}/access/grant?target=${LAB}`;
    expect(await settle(app, await send('POST', path))).toMatchObject({ state: 'succeeded' });
    expect(await send('DELETE', path)).toMatchObject({ status: 200 });
  }
}

async function cleanUp(): Promise<void> {
  const targets = [GATEWAY, WORKSPACE];
  await bound('leaving', targets);
  const answered = await send(
    'DELETE',
    `/certificates/contoso-kv/leaving?targets=${targets.join()}`,
  );
  expect(await settle(app, answered)).toMatchObject({
    targets: [{ outcome: 'removed' }, { outcome: 'removed' }],
  });
}

async function repair(): Promise<void> {
  await app.sweep();
  await app.sweep();
  await rotated('presented');
  await rotated('presented-there');
}

/** The last, since the vault is gone then. */
async function deletedVaults(): Promise<void> {
  const vault = app.wire.arm(vaultId('contoso-legacy-kv'), API.keyVaultResource);
  expect((await app.wire.send(vault, 'DELETE')).status).toBe(200);
  await app.sweep();
  await app.sweep();
  expect((await app.wire.api('/operations/sweep')).body).toMatchObject({
    problems: [{ code: 'VAULT_DELETED' }],
  });
}

/** For every task what it takes to do it, and the tasks whose roles that needs beside its own. */
const WORK: Readonly<Record<Task, readonly [work: () => Promise<void>, ...beside: Task[]]>> = {
  report: [report],
  rotate: [rotate],
  workspaces: [workspaces],
  applications: [applications],
  upload: [upload],
  ca: [ca],
  grant: [grant, 'rotate'],
  cleanUp: [cleanUp, 'rotate', 'workspaces'],
  repair: [repair, 'rotate', 'workspaces'],
  deletedVaults: [deletedVaults],
};

test.each(TASKS)('%s takes the roles for it, and uses all that they allow', async (task) => {
  const [work, ...beside] = WORK[task];
  await roles.allowOnly(['report', ...beside, task]);
  await roles.forgetDecisions();
  await work();
  const { used, refused } = await roles.asked();
  expect(used).toEqual(expect.arrayContaining([...operationsOf([task])]));
  // What the roles of other tasks allow may be refused now. What none allows has a reason.
  const known = [...operationsOf(TASKS), ...DONE_WITHOUT];
  expect(refused.filter((operation) => !known.includes(operation))).toEqual([]);
});
