/**
 * As much of the Azure command line as cures use, against the simulated Azure. What each command
 * sends is that of azure-cli's own modules (keyvault/custom.py, role/custom.py, `az rest`).
 */
import { randomUUID } from 'node:crypto';
import type { AzureUnderTest } from './azure-clients.ts';
import { GROUP } from './azure-clients.ts';
import { askVault } from './vault.ts';

const ROLES: Readonly<Record<string, string>> = {
  'Key Vault Certificate User': 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
  'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
};
const VAULT = '?api-version=2023-07-01';

/** Runs one command line. Thrown when it is none that it knows, or when Azure refuses. */
export async function az(under: AzureUnderTest, commandLine: string): Promise<void> {
  const words = split(commandLine);
  const at = words.findIndex((word) => word.startsWith('--'));
  const command = words.slice(0, at).join(' ');
  const given = options(words.slice(at));
  const option = (name: string): string => {
    const [value] = given.get(name) ?? [];
    if (value === undefined) throw new Error(`${command} needs --${name}`);
    return value;
  };
  const must = async (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<unknown> => {
    const answer = await under.ask(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${command}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const vaultPath = () => `${GROUP}/providers/Microsoft.KeyVault/vaults/${option('name')}`;
  /** Reads the vault, changes it and writes the whole of it back, as the command line does. */
  const update = async (change: (properties: Record<string, unknown>) => object) => {
    const vault = objectOf(await must('GET', `${vaultPath()}${VAULT}`));
    const properties = change(objectOf(vault['properties']));
    await must('PUT', `${vaultPath()}${VAULT}`, {
      location: vault['location'],
      tags: vault['tags'],
      properties,
    });
  };
  const certificate = async (method: string, path: string, body?: unknown) => {
    const answer = await askVault(under, method, option('vault-name'), path, body);
    if (answer.status >= 300) throw new Error(`${command}: ${JSON.stringify(answer.body)}`);
  };

  switch (command) {
    case 'az role assignment create': {
      const role = ROLES[option('role')] ?? option('role');
      const path = `${option('scope')}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
      await must('PUT', `${path}?api-version=2022-04-01`, {
        properties: {
          principalId: option('assignee-object-id'),
          principalType: option('assignee-principal-type'),
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        },
      });
      return;
    }
    case 'az keyvault set-policy':
      return update((properties) => {
        if (properties['enableRbacAuthorization'] === true) throw new Error('Cannot set policies');
        const policies = [properties['accessPolicies']].flat().map(objectOf);
        const mine = (one: Record<string, unknown>) =>
          one['objectId'] === option('object-id') && one['tenantId'] === properties['tenantId'];
        const held = objectOf(policies.find(mine)?.['permissions']);
        const permissions = { ...held, secrets: given.get('secret-permissions') };
        const entry = {
          tenantId: properties['tenantId'],
          objectId: option('object-id'),
          permissions,
        };
        return {
          ...properties,
          accessPolicies: [...policies.filter((one) => !mine(one)), entry],
        };
      });
    case 'az keyvault update':
      return update((properties) => ({
        ...properties,
        networkAcls: {
          defaultAction: 'Allow',
          ...objectOf(properties['networkAcls']),
          bypass: option('bypass'),
        },
      }));
    case 'az keyvault recover':
      await must('PUT', `${vaultPath()}${VAULT}`, {
        location: 'westeurope',
        properties: { tenantId: '5eed0000-0000-4000-8000-00000000000a', createMode: 'recover' },
      });
      return;
    case 'az keyvault certificate recover':
      return certificate('POST', `/deletedcertificates/${option('name')}/recover`, {});
    case 'az keyvault certificate set-attributes': {
      const version = given.get('version')?.[0];
      const path = `/certificates/${option('name')}${version === undefined ? '' : `/${version}`}`;
      return certificate('PATCH', path, {
        attributes: { enabled: option('enabled') === 'true' },
      });
    }
    case 'az rest': {
      const headers = (given.get('headers') ?? []).map((one) => one.split('='));
      const body = given.get('body')?.[0];
      await must(
        option('method').toUpperCase(),
        option('url'),
        body === undefined ? undefined : JSON.parse(body),
        Object.fromEntries(headers) as Record<string, string>,
      );
      return;
    }
    default:
      throw new Error(`Not a command that cures are made of: ${commandLine}`);
  }
}

/** The words of a command line as a shell reads them. */
function split(line: string): string[] {
  const words = line.match(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

function options(words: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) found.set(word.slice(2), (current = []));
    else current.push(word);
  }
  return found;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
