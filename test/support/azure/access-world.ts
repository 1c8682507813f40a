/**
 * A vault and a service of their own in the simulated Azure, in which the service can read the
 * certificate `c` until somebody changes something; and what the checks and the service say of it.
 */
import { randomUUID } from 'node:crypto';
import type { AccessCheck } from '../../../shared/domain/access-check.ts';
import type {
  ClientCertificateTarget,
  WorkspaceCertificateTarget,
} from '../../../shared/domain/target.ts';
import { GROUP, SUBSCRIPTION, type AzureUnderTest } from './azure-clients.ts';
import { findOverAdapters } from './find-access.ts';
import { makeTestCertificate, type TestValidity } from './make-pfx.ts';
import { askVault, makeIdentity, makeVault } from './vault.ts';

export const TENANT = '5eed0000-0000-4000-8000-00000000000a';
export const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const SUFFIX = 'vault.azure.net';
const ARM = '?api-version=2024-05-01';

type Json = Readonly<Record<string, unknown>>;

export interface Identity {
  readonly id: string;
  readonly clientId: string;
  readonly principalId: string;
}

/** How a world begins; what is left out lets the service read. */
export interface Beginning {
  readonly vault?: Json;
  readonly identity?: { readonly type: 'SystemAssigned' | 'None' };
  /** Given to the service's identity at the vault; none for `undefined`. */
  readonly role?: string | undefined;
  readonly certificate?: 'imported' | 'none';
}

export interface AccessWorld {
  readonly vault: string;
  readonly vaultId: string;
  readonly service: string;
  readonly serviceId: string;
  /** Object id of the service's system-assigned identity, or the last one that `identify` gave. */
  readonly reader: string;
  /** A request to Resource Manager or to `/_local`. */
  ask(
    method: string,
    path: string,
    body?: Json,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  settings(values: Json): Promise<void>;
  /** Puts properties of the vault in place; the others of it stay. */
  changeVault(properties: Json): Promise<void>;
  /** An access policy for the reader. */
  allow(secrets: readonly string[], tenantId?: string): Promise<void>;
  userIdentity(): Promise<Identity>;
  /** Gives the service these identities, and those alone. */
  identify(system: boolean, users?: readonly Identity[]): Promise<void>;
  assign(role: string, scope?: string, more?: Json): Promise<void>;
  unassignAll(): Promise<void>;
  makeRole(permission: Json): Promise<string>;
  deny(more?: Json): Promise<void>;
  /** A new version of the certificate `c`, or of another one. */
  importVersion(more?: Json, validity?: TestValidity, name?: string): Promise<void>;
  askVault(method: string, path: string, body?: Json): Promise<void>;
  /** Of the certificate `c`. */
  currentVersion(): Promise<string>;
  /** When that was made, ISO 8601. */
  currentCreation(): Promise<string>;
  /** Writes what is at the target: `secretIdentifier` and whatever beside it. */
  attach(keyVault?: Json): Promise<void>;
  /** Seconds between the simulated time and the moment for which the checks are made. */
  checkAfter(seconds: number): void;
  /** The findings, `severity CODE` each, in order. */
  findings(as?: { readonly clientId: string }): Promise<readonly string[]>;
  checks(as?: { readonly clientId: string }): Promise<readonly AccessCheck[]>;
  /** The findings about the certificate `c` of the workspace `team`. */
  workspaceFindings(as?: { readonly clientId: string }): Promise<readonly string[]>;
  /** Whether the service holds the vault's current version after it was told to read it. */
  reads(): Promise<boolean>;
  advance(seconds: number): Promise<void>;
}

let count = 0;

export async function makeAccessWorld(
  under: AzureUnderTest,
  beginning: Beginning = {},
): Promise<AccessWorld> {
  count += 1;
  const [vault, service] = [`kv-${String(count)}`, `gw-${String(count)}`];
  const serviceId = `${GROUP}/providers/Microsoft.ApiManagement/service/${service}`;
  const target = `${serviceId}/certificates/c${ARM}`;
  let later = 3_600;
  let properties: Json = { enableRbacAuthorization: true, ...beginning.vault };
  let reader = '';

  const must = async (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown> => {
    const answer = await under.ask(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const identify = async (identity: Json): Promise<void> => {
    const made = await must('PATCH', `${serviceId}${ARM}`, { identity });
    const id = read(made, 'identity', 'principalId');
    if (typeof id === 'string') reader = id;
  };
  const now = async (): Promise<Date> => {
    const { body } = await under.ask('GET', '/_local/clock');
    return new Date(Date.parse(String(read(body, 'now'))) + later * 1_000);
  };

  const find = async (
    target: ClientCertificateTarget | WorkspaceCertificateTarget,
    clientId: string | undefined,
  ): Promise<readonly AccessCheck[]> =>
    findOverAdapters(under, {
      source: { vault, name: 'c' },
      target,
      vaultId: world.vaultId,
      serviceId,
      clientId,
      at: await now(),
    });

  const world: AccessWorld = {
    vault,
    service,
    serviceId,
    vaultId: await makeVault(under, vault, properties),
    get reader() {
      return reader;
    },
    ask: must,
    async settings(values) {
      await must('PUT', '/_local/settings', values);
    },
    async changeVault(changes) {
      properties = { ...properties, ...changes };
      await makeVault(under, vault, properties);
    },
    allow: (secrets, tenantId = TENANT) =>
      world.changeVault({
        accessPolicies: [{ tenantId, objectId: reader, permissions: { secrets } }],
      }),
    async userIdentity() {
      const name = `id-${randomUUID().slice(0, 8)}`;
      const id = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
      return { id, ...(await makeIdentity(under, name)) };
    },
    async identify(system, users = []) {
      const types = [
        ...(system ? ['SystemAssigned'] : []),
        ...(users.length > 0 ? ['UserAssigned'] : []),
      ];
      await identify({ type: 'None' });
      await identify({
        type: types.join(', ') || 'None',
        ...(users.length === 0
          ? {}
          : { userAssignedIdentities: Object.fromEntries(users.map(({ id }) => [id, {}])) }),
      });
      const [user] = users;
      if (!system && user !== undefined) reader = user.principalId;
    },
    async assign(role, scope = world.vaultId, more = {}) {
      const name = randomUUID();
      const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
      await must('PUT', `${path}?api-version=2022-04-01`, {
        properties: {
          principalId: reader,
          principalType: 'ServicePrincipal',
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
          ...more,
        },
      });
    },
    async unassignAll() {
      const list = `${world.vaultId}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`;
      const held = await must('GET', `${list}&$filter=principalId eq '${reader}'`);
      for (const one of itemsOf(held)) {
        await must('DELETE', `${String(read(one, 'id'))}?api-version=2022-04-01`);
      }
    },
    async makeRole(permission) {
      const name = randomUUID();
      const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
      await must('PUT', `${path}?api-version=2022-04-01`, {
        properties: {
          roleName: `Custom ${name}`,
          assignableScopes: [`/subscriptions/${SUBSCRIPTION}`],
          permissions: [permission],
        },
      });
      return name;
    },
    async deny(more = {}) {
      await must('POST', '/_local/deny-assignments', {
        scope: world.vaultId,
        denyAssignmentName: 'lock',
        permissions: [{ dataActions: ['Microsoft.KeyVault/vaults/secrets/*'] }],
        principals: [{ id: reader }],
        ...more,
      });
    },
    async importVersion(more = {}, validity, name = 'c') {
      const { pfx } = await makeTestCertificate('CN=test', undefined, validity);
      await world.askVault('POST', `/certificates/${name}/import`, { value: pfx, ...more });
    },
    async askVault(method, path, body) {
      const answer = await askVault(under, method, vault, path, body);
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    },
    async currentVersion() {
      const current = await askVault(under, 'GET', vault, '/certificates/c');
      return String(current.at('id')).split('/').at(-1) ?? '';
    },
    async currentCreation() {
      const current = await askVault(under, 'GET', vault, '/certificates/c');
      return new Date(Number(current.at('attributes', 'created')) * 1_000).toISOString();
    },
    async attach(keyVault = {}) {
      const secretIdentifier = `https://${vault}.${SUFFIX}/secrets/c`;
      await must('PUT', target, { properties: { keyVault: { secretIdentifier, ...keyVault } } });
    },
    checkAfter: (seconds) => void (later = seconds),
    checks: (as) => find({ kind: 'client-certificate', service, id: 'c' }, as?.clientId),
    findings: async (as) => told(await world.checks(as)),
    workspaceFindings: async (as) =>
      told(
        await find(
          { kind: 'workspace-certificate', service, workspace: 'team', id: 'c' },
          as?.clientId,
        ),
      ),
    async reads() {
      const installed = await under.ask('GET', target);
      const user = await under.ask('GET', `${serviceId}${ARM}`);
      const named = Object.values(
        objectOf(read(user.body, 'identity', 'userAssignedIdentities')),
      ).map((one) => read(one, 'clientId'));
      const system = read(user.body, 'identity', 'principalId') !== undefined;
      const answer =
        installed.status === 200
          ? await under.ask('POST', target.replace('?', '/refreshSecret?'))
          : await under.ask('PUT', target, {
              properties: {
                keyVault: {
                  secretIdentifier: `https://${vault}.${SUFFIX}/secrets/c`,
                  ...(system || named.length === 0 ? {} : { identityClientId: named[0] }),
                },
              },
            });
      const current = await askVault(under, 'GET', vault, '/certificates/c');
      const thumbprint = Buffer.from(String(current.at('x5t')), 'base64url').toString('hex');
      return (
        answer.status < 300 &&
        read(answer.body, 'properties', 'thumbprint') === thumbprint.toUpperCase()
      );
    },
    async advance(seconds) {
      await must('POST', '/_local/clock', { advance: seconds });
    },
  };

  await must('PUT', `${serviceId}${ARM}`, {
    location: 'West Europe',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
  });
  const { identity = { type: 'SystemAssigned' } } = beginning;
  await identify(identity);
  const role = 'role' in beginning ? beginning.role : CERTIFICATE_USER;
  if (role !== undefined && reader !== '') await world.assign(role);
  if (beginning.certificate !== 'none') await world.importVersion();
  return world;
}

/** `severity CODE` of everything that is not passed. */
function told(checks: readonly AccessCheck[]): readonly string[] {
  return checks.flatMap((one) =>
    one.severity === 'passed' ? [] : [`${one.severity} ${one.code}`],
  );
}

function read(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((at, name) => objectOf(at)[name], value);
}

function itemsOf(list: unknown): readonly unknown[] {
  const value = read(list, 'value');
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
