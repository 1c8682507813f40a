/**
 * The commands in cures against azure-cli's own: the modules keyvault, role, apim, monitor, identity,
 * network and `az rest`, and the reference on learn.microsoft.com/cli/azure.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/** Of each command, the options that we use or may use. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'ad app credential reset': ['id', 'cert', 'append', 'display-name', 'keyvault'],
  'ad app owner add': ['id', 'owner-object-id'],
  'ad app show': ['id', 'query', 'output'],
  'ad sp show': ['id', 'query', 'output'],
  // `--ids` is not one: apim/_params.py sets `id_part=None`.
  'apim show': ['name', 'resource-group', 'query', 'output'],
  'apim wait': ['name', 'resource-group', 'updated', 'created', 'deleted', 'interval', 'timeout'],
  'functionapp show': ['name', 'resource-group', 'ids', 'query', 'output'],
  'identity list': ['resource-group', 'query', 'output'],
  'keyvault certificate create': ['vault-name', 'name', 'policy'],
  'keyvault certificate import': ['vault-name', 'name', 'file', 'password'],
  'keyvault certificate pending delete': ['vault-name', 'name'],
  'keyvault certificate pending show': ['vault-name', 'name'],
  'keyvault certificate purge': ['vault-name', 'name'],
  'keyvault certificate recover': ['vault-name', 'name'],
  'keyvault certificate set-attributes': ['vault-name', 'name', 'version', 'enabled', 'tags'],
  'keyvault certificate show': ['vault-name', 'name', 'version'],
  'keyvault network-rule add': ['name', 'resource-group', 'ip-address', 'subnet', 'vnet-name'],
  'keyvault recover': ['name', 'resource-group', 'location'],
  'keyvault set-policy': [
    'name',
    'object-id',
    'secret-permissions',
    'certificate-permissions',
    'key-permissions',
  ],
  'keyvault update': [
    'name',
    'resource-group',
    'bypass',
    'default-action',
    'public-network-access',
    'enable-rbac-authorization',
  ],
  'monitor activity-log list': ['resource-id', 'status', 'offset', 'start-time', 'max-events'],
  'network private-endpoint create': [
    'name',
    'connection-name',
    'resource-group',
    'subnet',
    'private-connection-resource-id',
    'group-id',
  ],
  'resource show': ['ids', 'query', 'output', 'api-version'],
  rest: ['method', 'url', 'headers', 'body', 'query', 'output'],
  // `--assignee` would look the identity up in Microsoft Graph.
  'role assignment create': [
    'role',
    'assignee-object-id',
    'assignee-principal-type',
    'scope',
    'condition',
    'condition-version',
    'description',
    'name',
  ],
  'role assignment delete': ['ids'],
  'role definition create': ['role-definition'],
};

interface Used {
  readonly where: string;
  readonly command: string;
  readonly options: readonly string[];
}

/** Every `az …` in a literal of a file; what is filled in is left out. */
function commandsIn(file: string): Used[] {
  const text = readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/\$\{[^{}]*\}/g, 'X');
  return text.split('\n').flatMap((line) =>
    line
      .split(/(?=\baz (?=[a-z]))/)
      .slice(1)
      .map((piece) => {
        const [, command = ''] = /^az ((?:[a-z][a-z-]*\b ?)+)/.exec(piece) ?? [];
        const options = [...piece.matchAll(/ --([a-z][a-z-]*)/g)].map(([, name = '']) => name);
        return { where: file, command: command.trim(), options };
      }),
  );
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

describe('The commands in cures', () => {
  const used = [...sources('shared'), ...sources('functions')].flatMap(commandsIn);

  it('are found', () => {
    const names = new Set(used.map(({ command }) => command));
    for (const one of ['role assignment create', 'keyvault update', 'rest', 'apim wait']) {
      expect([...names]).toContain(one);
    }
    expect(used.length).toBeGreaterThan(20);
  });

  it('are ones that there are, with options that they have', () => {
    const wrong = used.filter(({ command, options }) => {
      const known = COMMANDS[command];
      return known === undefined || options.some((option) => !known.includes(option));
    });
    expect(wrong).toEqual([]);
  });
});
