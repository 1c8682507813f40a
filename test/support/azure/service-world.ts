/**
 * A service with a workspace in a world without a server: for what can be in a service besides
 * certificates. Settings and answers are those of the world.
 */
import { GROUP, makeFleetWorld, type Answer, type ArmWorld } from './arm-world.ts';
import { makeTestCertificate } from './make-pfx.ts';
import { putApi, putAt, putProduct, putResolver, type Asking } from './seed-contents.ts';

export const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
export const WORKSPACE = `${SERVICE}/workspaces/team`;

export interface ServiceWorld extends Asking {
  readonly arm: ArmWorld;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** PUT of properties; `If-Match` only where it is given. */
  put(path: string, properties: unknown, ifMatch?: string): Promise<Answer>;
  remove(path: string, ifMatch?: string): Promise<Answer>;
  /** A certificate uploaded to the service or the workspace. @returns its thumbprint */
  upload(at: string, name: string): Promise<string>;
  /** A certificate in Key Vault, attached to the service. @returns its thumbprint */
  attach(name: string): Promise<string>;
  close(): void;
}

export async function makeServiceWorld(): Promise<ServiceWorld> {
  const arm = await makeFleetWorld();
  arm.put({ 'apiManagement.operationSeconds': 0 });
  const world: ServiceWorld = {
    arm,
    ask: (method, path, body, headers = {}) => arm.ask(method, path, { body, headers }),
    get: (path) => world.ask('GET', path),
    put: (path, properties, ifMatch) => world.ask('PUT', path, { properties }, ifMatchOf(ifMatch)),
    remove: (path, ifMatch) => world.ask('DELETE', path, undefined, ifMatchOf(ifMatch)),
    async upload(at, name) {
      const { pfx, thumbprint } = await makeTestCertificate(`CN=${name}`);
      await putAt(world, `${at}/certificates/${name}`, { data: pfx, password: '' });
      return thumbprint;
    },
    async attach(name) {
      const { pfx, thumbprint } = await makeTestCertificate(`CN=${name}`);
      const secretIdentifier = `https://contoso-kv.vault.azure.net/secrets/${name}`;
      arm.secrets.set(secretIdentifier, {
        kind: 'read',
        id: `${secretIdentifier}/0123456789abcdef0123456789abcdef`,
        contentType: 'application/x-pkcs12',
        value: pfx,
      });
      await putAt(world, `${SERVICE}/certificates/${name}`, { keyVault: { secretIdentifier } });
      return thumbprint;
    },
    close: () => arm.close(),
  };
  const made = await world.ask('PUT', SERVICE, {
    location: 'westeurope',
    sku: { name: 'Premium', capacity: 1 },
    identity: { type: 'SystemAssigned' },
    properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
  });
  if (made.status >= 300) throw new Error(JSON.stringify(made.body));
  await putAt(world, WORKSPACE, { displayName: 'Team' });
  return world;
}

/** Makes one of each scope that can have a policy. @returns their ids: 9 */
export async function makePolicyScopes(world: Asking): Promise<string[]> {
  const scopes: string[] = [];
  for (const at of [SERVICE, WORKSPACE]) {
    const api = await putApi(world, at, 'orders', ['get']);
    scopes.push(at, api, `${api}/operations/get`, await putProduct(world, at, 'starter'));
  }
  return [...scopes, await putResolver(world, SERVICE, 'graph')];
}

/** Status, code and first detail of an error. */
export function errorOf(answer: Answer): {
  readonly status: number;
  readonly code: unknown;
  readonly target: unknown;
  readonly message: unknown;
} {
  return {
    status: answer.status,
    code: answer.at('error', 'code'),
    target: answer.at('error', 'details', 0, 'target'),
    message: answer.at('error', 'details', 0, 'message') ?? answer.at('error', 'message'),
  };
}

/** The names in a list. */
export function namesOf(answer: Answer): unknown[] {
  const value = answer.at('value');
  if (!Array.isArray(value)) return [];
  return value.map((_, index) => answer.at('value', index, 'name'));
}

function ifMatchOf(value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { 'if-match': value };
}
