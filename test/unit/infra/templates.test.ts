import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { nameProblems } from '../../support/bicep/check-names.ts';
import { deploy, type Deployment } from '../../support/bicep/deploy.ts';
import { ScopeHandle } from '../../support/bicep/handles.ts';
import { parseBicep } from '../../support/bicep/parse.ts';
import type { Statement } from '../../support/bicep/syntax.ts';
import {
  bicepFiles,
  deployCare,
  deployMain,
  foundVault,
  INFRA,
  only,
  SERVICES,
  VAULTS,
} from '../../support/infra.ts';

const FILES = bicepFiles();
const read = (name: string): readonly Statement[] =>
  parseBicep(readFileSync(join(INFRA, name), 'utf8'), name);

/** Of bicep-types-az, and of published templates that use them; looked up one by one. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  'Microsoft.ApiManagement/service': '2024-05-01',
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.Authorization/roleDefinitions': '2022-04-01',
  'Microsoft.DurableTask/schedulers': '2025-11-01',
  'Microsoft.DurableTask/schedulers/taskHubs': '2025-11-01',
  'Microsoft.EventGrid/systemTopics': '2025-02-15',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': '2025-02-15',
  'Microsoft.EventGrid/topics': '2025-02-15',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/metricAlerts': '2018-03-01',
  'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
  'Microsoft.KeyVault/vaults': '2023-07-01',
  'Microsoft.KeyVault/vaults/accessPolicies': '2023-07-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2023-01-31',
  'Microsoft.Network/privateDnsZones': '2020-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2020-06-01',
  'Microsoft.Network/privateEndpoints': '2024-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2024-05-01',
  'Microsoft.Network/virtualNetworks': '2024-05-01',
  'Microsoft.OperationalInsights/workspaces': '2023-09-01',
  'Microsoft.Resources/resourceGroups': '2024-03-01',
  'Microsoft.Storage/storageAccounts': '2023-05-01',
  'Microsoft.Storage/storageAccounts/blobServices': '2023-05-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers': '2023-05-01',
  'Microsoft.Web/serverfarms': '2024-04-01',
  'Microsoft.Web/sites': '2024-04-01',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': '2024-04-01',
  'Microsoft.Web/sites/config': '2024-04-01',
};

/** Ways to install that differ in what is created. */
const SUBNET = `${VAULTS[0]?.split('/providers')[0] ?? ''}/providers/Microsoft.Network/virtualNetworks/hub/subnets`;
const INSTALLATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the standard one': {},
  'a network of its own': { CERTKEEPER_NETWORK: 'new' },
  'an existing network': {
    CERTKEEPER_NETWORK: 'existing',
    CERTKEEPER_APP_SUBNET_ID: `${SUBNET}/app`,
    CERTKEEPER_ENDPOINT_SUBNET_ID: `${SUBNET}/endpoints`,
    CERTKEEPER_DNS_ZONES_GROUP_ID: '/subscriptions/x/resourceGroups/dns',
  },
  'the task scheduler': { CERTKEEPER_DURABLE_BACKEND: 'scheduler-dedicated' },
  'function keys': { CERTKEEPER_AUTH: 'function-key', CERTKEEPER_ENTRA_CLIENT_ID: '' },
  'alerts by e-mail': { CERTKEEPER_ALERT_EMAILS: 'ops@contoso.com,night@contoso.com' },
  'alerts by an existing group': { CERTKEEPER_ACTION_GROUP: '/subscriptions/x/ag' },
};

describe.each(FILES)('%s', (name) => {
  test('names nothing that is not there, and declares nothing in vain', () => {
    expect(nameProblems(read(name))).toEqual([]);
  });

  test('uses resource types in versions that were looked up', () => {
    for (const statement of read(name)) {
      if (statement.kind !== 'resource') continue;
      expect([statement.type, statement.apiVersion]).toEqual([
        statement.type,
        API_VERSIONS[statement.type],
      ]);
    }
  });

  test('calls nothing that answers differently on a second run, and reads no key', () => {
    const source = readFileSync(join(INFRA, name), 'utf8');
    expect(source).not.toMatch(/\b(?:utcNow|newGuid|deployment|listKeys|list[A-Z]\w*)\(/);
  });
});

test('every module is used, and by nothing outside of infra/', () => {
  const used = FILES.flatMap((name) =>
    read(name).flatMap((one) =>
      one.kind === 'module' || one.kind === 'import'
        ? [relative(INFRA, join(INFRA, dirname(name), one.path))]
        : [],
    ),
  );
  const roots = ['main.bicep', 'care.bicep'];
  expect([...new Set([...used, ...roots])].sort()).toEqual(FILES);
});

test('every API version that was looked up is used', () => {
  const used = FILES.flatMap(read).flatMap((one) => (one.kind === 'resource' ? [one.type] : []));
  expect(Object.keys(API_VERSIONS)).toEqual([...new Set(used)].sort());
});

test('every parameter of a template is described', () => {
  for (const name of ['main.bicep', 'care.bicep']) {
    for (const statement of read(name)) {
      if (statement.kind !== 'param') continue;
      const described = statement.decorators.some((one) => one.name === 'description');
      expect([statement.name, described]).toEqual([statement.name, true]);
    }
  }
});

test('the parameter file gives the parameters that the template has, all of them', () => {
  const names = (file: string) =>
    read(file)
      .flatMap((one) => (one.kind === 'param' ? [one.name] : []))
      .sort();
  const given = parseBicep(
    readFileSync(join(INFRA, 'main.bicepparam'), 'utf8'),
    'main.bicepparam',
  ).flatMap((one) => (one.kind === 'param' ? [one.name] : []));
  expect([...given].sort()).toEqual(names('main.bicep'));
});

test('no int() stands for a parameter that takes certain numbers only: the compiler refuses that', () => {
  const chosen = read('main.bicep').flatMap((statement) =>
    statement.kind === 'param' && statement.decorators.some(({ name }) => name === 'allowed')
      ? [statement.name]
      : [],
  );
  const given = readFileSync(join(INFRA, 'main.bicepparam'), 'utf8');
  expect(chosen).toContain('instanceMemory');
  for (const name of chosen) expect(given).not.toMatch(new RegExp(`^param ${name} = int\\(`, 'm'));
});

describe.each(Object.entries(INSTALLATIONS))('an installation with %s', (_, environment) => {
  const deployment = deployMain(environment);

  test('keeps to its own resource group', () => {
    for (const { id } of deployment.resources) {
      expect(id).toMatch(/\/resourceGroups\/rg-prod(?:\/|$)/);
    }
  });

  test('gives no two things one name', () => expectUnique(deployment));

  test('is the same on a second run', () => {
    expect(deployMain(environment)).toEqual(deployment);
  });

  test('carries its name on everything that takes tags', () => {
    const untagged =
      /roleAssignments|\/config$|blobServices|CredentialsPolicies|taskHubs|DnsZoneGroups/;
    for (const { type, body } of deployment.resources) {
      if (!untagged.test(type)) expect(body).toMatchObject({ tags: { 'azd-env-name': 'prod' } });
    }
  });
});

describe('care for vaults and services elsewhere', () => {
  test('goes to their own resource groups and subscriptions', () => {
    const { resources } = deployCare();
    const groups = new Set(resources.map(({ id }) => id.split('/').slice(2, 5).join('/')));
    expect([...groups].sort()).toEqual([
      '22222222-2222-2222-2222-222222222222/resourceGroups/rg-prod',
      '22222222-2222-2222-2222-222222222222/resourceGroups/shared',
      '33333333-3333-3333-3333-333333333333/resourceGroups/gateways',
      '33333333-3333-3333-3333-333333333333/resourceGroups/payments',
    ]);
    expectUnique(deployCare());
  });

  test('uses the system topic that a vault already has', () => {
    const [first = '', second = ''] = VAULTS;
    const { resources } = deployCare({
      vaults: [
        { ...foundVault(first), topicName: 'theirs', topicGroup: 'events' },
        foundVault(second),
      ],
    });
    const topics = resources.filter(({ type }) => type === 'Microsoft.EventGrid/systemTopics');
    expect(topics.map(({ body }) => body['properties'])).toEqual([
      { source: second, topicType: 'Microsoft.KeyVault.vaults' },
    ]);
    const subscriptions = resources.filter(({ type }) => type.endsWith('eventSubscriptions'));
    expect(subscriptions.map(({ id }) => id.split('/').slice(4, 9).join('/'))).toEqual([
      'events/providers/Microsoft.EventGrid/systemTopics/theirs',
      expect.stringMatching(/^payments\/providers\/Microsoft.EventGrid\/systemTopics\/certkeeper-/),
    ]);
    // That topic has no identity, with which dead letters could be written.
    expect(subscriptions.map(({ body }) => body['properties'])).toMatchObject([
      { deadLetterWithResourceIdentity: null },
      { deadLetterWithResourceIdentity: { identity: { type: 'SystemAssigned' } } },
    ]);
    const alerts = resources.filter(({ type }) => type.endsWith('metricAlerts'));
    expect(alerts.map(({ body }) => JSON.stringify(body))).toEqual([
      expect.stringContaining('DroppedEventCount'),
      expect.stringContaining('DeadLetteredCount'),
    ]);
  });

  test('leaves roles to others if told so', () => {
    const { resources } = deployCare({ givesRoles: false });
    const roles = resources.filter(({ type }) => type.startsWith('Microsoft.Authorization/'));
    // What is left lets topics write dead letters into Certkeeper's own storage.
    expect(roles.every(({ id }) => id.includes('/containers/dead-letters/'))).toBe(true);
    expect(roles).toHaveLength(VAULTS.length);
  });

  test('lets a topic that is made anew write dead letters, beside what the former one had', () => {
    // An assignment cannot be changed: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
    const nameFor = (principalId: string) => {
      const container = deploy(join(INFRA, 'modules/dead-letter-access.bicep'), {
        scope: new ScopeHandle({
          ...{ tenantId: 't', subscriptionId: 's', resourceGroup: 'rg', location: 'westeurope' },
        }),
        params: { storageName: 'st', container: 'dead-letters', principalId, topicId: 'topic' },
      });
      return only(container, 'Microsoft.Authorization/roleAssignments').name;
    };
    expect(nameFor('before')).not.toBe(nameFor('after'));
    expect(nameFor('before')).toBe(nameFor('before'));
  });

  test('knows the tasks that the roles know', () => {
    const union = (name: string, type: string) => {
      const found = read(name).find((one) => one.kind === 'type' && one.name === type);
      return found?.kind === 'type' ? found.type : undefined;
    };
    expect(union('care.bicep', 'taskType')).toEqual(union('roles/roles.bicep', 'task'));
  });

  test('gives the roles to the identity of the app, at services and vaults', () => {
    const { resources } = deployCare();
    const assigned = resources.filter(
      ({ type, body }) =>
        type === 'Microsoft.Authorization/roleAssignments' &&
        JSON.stringify(body).includes('55555555-5555-5555-5555-555555555555'),
    );
    const places = new Set(assigned.map(({ id }) => id.split('/providers/Microsoft.Auth')[0]));
    expect([...places].sort()).toEqual([...VAULTS, ...SERVICES].sort());
  });
});

/** Two resources with one id would be one, and two deployments with one name would end each other. */
function expectUnique({ resources, modules }: Deployment): void {
  const ids = resources.map(({ id }) => id.toLowerCase());
  expect(ids).toEqual([...new Set(ids)]);
  const names = modules.map((name) => name.toLowerCase());
  expect(names).toEqual([...new Set(names)]);
}

test('a role is given by the name of what it is, so that a second run finds it', () => {
  const { resources } = deployMain();
  const assignments = resources.filter(({ type }) => type.endsWith('roleAssignments'));
  expect(assignments.length).toBeGreaterThan(0);
  for (const { name, body } of assignments) {
    expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(body).toMatchObject({ properties: { principalType: 'ServicePrincipal' } });
  }
  expect(only(deployMain(), 'Microsoft.EventGrid/topics').body).toMatchObject({
    properties: { inputSchema: 'CloudEventSchemaV1_0', disableLocalAuth: true },
  });
});
