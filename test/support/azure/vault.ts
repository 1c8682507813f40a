/** Vaults of the simulated Azure for tests: made in one call, asked over the wire. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GROUP, type AzureUnderTest } from './azure-clients.ts';

const TENANT = '5eed0000-0000-4000-8000-00000000000a';
export const API_VERSION = '2025-07-01';

/** An answer read without trust: `at` walks names and indexes, undefined where nothing is. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  at(...path: (string | number)[]): unknown;
}

/** Makes a vault in the resource group of the fleet; RBAC unless told otherwise. Answers its id. */
export async function makeVault(
  under: AzureUnderTest,
  name: string,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
  const { status, body } = await under.ask('PUT', `${id}?api-version=2023-07-01`, {
    location: 'westeurope',
    properties: {
      tenantId: TENANT,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      ...properties,
    },
  });
  if (status >= 300) throw new Error(`The vault was not made: ${JSON.stringify(body)}`);
  return id;
}

/** Asks an Azure host over the wire, as an operator unless a header says otherwise. */
export async function askHost(
  under: AzureUnderTest,
  method: string,
  hostAndPath: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { authorization: 'Bearer operator' },
): Promise<WireAnswer> {
  const response = await fetch(`${under.azure.url}/${hostAndPath}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    body: parsed,
    at: (...path) =>
      path.reduce<unknown>(
        (value, name) =>
          typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
        parsed,
      ),
  };
}

/** Asks a vault, with the newest api-version. */
export function askVault(
  under: AzureUnderTest,
  method: string,
  vault: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<WireAnswer> {
  const query = path.includes('?') ? '&' : '?';
  return askHost(
    under,
    method,
    `${vault}.vault.azure.net${path}${query}api-version=${API_VERSION}`,
    body,
    headers,
  );
}

/** A user-assigned identity. */
export async function makeIdentity(
  under: AzureUnderTest,
  name: string,
): Promise<{ clientId: string; principalId: string }> {
  const answer = await askHost(
    under,
    'PUT',
    `management.azure.com${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}?api-version=2023-01-31`,
    { location: 'westeurope' },
  );
  return {
    clientId: String(answer.at('properties', 'clientId')),
    principalId: String(answer.at('properties', 'principalId')),
  };
}

/** Assigns a built-in role by its GUID, under a condition when one is given. */
export async function assignRole(
  under: AzureUnderTest,
  scope: string,
  principalId: string,
  role: string,
  condition?: string,
): Promise<void> {
  const { status, body } = await askHost(
    under,
    'PUT',
    `management.azure.com${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        principalId,
        principalType: 'ServicePrincipal',
        ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    },
  );
  if (status >= 300) throw new Error(`The role was not assigned: ${JSON.stringify(body)}`);
}

/** A PKCS#12 file made with OpenSSL, base64; see `pkcs12/README.md`. */
export function pkcs12Fixture(name: string): string {
  return readFileSync(join(__dirname, 'pkcs12', `${name}.p12`)).toString('base64');
}
