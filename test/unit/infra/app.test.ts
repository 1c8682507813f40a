import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema } from '../../../shared/config/environment.ts';
import { describeSettings } from '../../../shared/config/settings-table.ts';
import { readConfig } from '../../../shared/config.ts';
import { readKeyVaultEvent } from '../../../shared/domain/key-vault-event.ts';
import { text } from '../../support/bicep/functions.ts';
import { isRecord, type Value } from '../../support/bicep/late.ts';
import { parseBicep } from '../../support/bicep/parse.ts';
import { deployCare, deployMain, INFRA, only, VAULTS } from '../../support/infra.ts';

const ROOT = join(INFRA, '..');
const SITE = 'Microsoft.Web/sites';
const CONFIG = 'Microsoft.Web/sites/config';

/** Follows names and places in lists; null where nothing is. */
function at(value: Value | undefined, ...path: readonly (string | number)[]): Value {
  let here = value ?? null;
  for (const step of path) {
    if (typeof step === 'number' && Array.isArray(here))
      here = (here as readonly Value[])[step] ?? null;
    else if (typeof step === 'string' && isRecord(here)) here = here[step] ?? null;
    else return null;
  }
  return here;
}

function appSettings(environment: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { body } = only(deployMain(environment), CONFIG, 'appsettings');
  const properties = at(body, 'properties');
  if (!isRecord(properties)) throw new Error('there are no app settings');
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, text(value)]));
}

describe('the settings of the app', () => {
  /** The host's and the Durable extension's own, which the app does not read. */
  const HOST = [
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    'AzureWebJobsStorage__clientId',
    'AzureWebJobsStorage__credential',
    'AzureWebJobsStorage__queueServiceUri',
    'AzureFunctionsJobHost__extensions__durableTask__hubName',
    'AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName',
    'AzureFunctionsJobHost__extensions__durableTask__storageProvider__type',
    'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
  ];
  /** A key in a connection string, another way to say where storage is, and a machine of one's own. */
  const NEVER = [
    'AzureWebJobsStorage',
    'AzureWebJobsStorage__accountName',
    'CERTKEEPER_LOCAL_AZURE',
  ];
  const known = new Set([
    ...Object.keys(environmentSchema.shape),
    ...describeSettings().map(({ name }) => name),
  ]);
  const settable = parseBicep(
    readFileSync(join(INFRA, 'modules/settings.bicep'), 'utf8'),
    'settings.bicep',
  ).flatMap((one) =>
    one.kind === 'type' && one.type.kind === 'object' ? one.type.entries.map(({ key }) => key) : [],
  );
  const everything = appSettings({ CERTKEEPER_DURABLE_BACKEND: 'scheduler-consumption' });

  test('are ones that the app or its host knows', () => {
    const written = [...Object.keys(everything), ...settable];
    expect(written.filter((name = '') => !known.has(name) && !HOST.includes(name))).toEqual([]);
  });

  test('are all that the app knows: written, open to be set, or ruled out', () => {
    const reachable = new Set([...Object.keys(everything), ...settable, ...NEVER]);
    const places = 'CERTKEEPER_NOTIFY_{PLACE}';
    expect([...known].filter((name) => !reachable.has(name) && !name.startsWith(places))).toEqual(
      [],
    );
    for (const name of NEVER)
      expect([name, Object.hasOwn(everything, name)]).toEqual([name, false]);
  });

  test('can each be set in the azd environment under its own name', () => {
    for (const name of settable) {
      const key = name ?? '';
      expect(appSettings({ [key]: 'chosen' })).toMatchObject({ [key]: 'chosen' });
      expect(appSettings()).not.toHaveProperty(key);
    }
  });

  test('that follow from the installation cannot be overruled by places', () => {
    const environment = { CERTKEEPER_PLACE_SETTINGS: '{"CERTKEEPER_AUTH":"function-key"}' };
    expect(appSettings(environment)).toMatchObject({ CERTKEEPER_AUTH: 'entra' });
  });

  test('start the app', () => {
    const settings = appSettings({
      CERTKEEPER_NOTIFY: 'findings => teams:ops',
      CERTKEEPER_PLACE_SETTINGS: JSON.stringify({
        CERTKEEPER_NOTIFY_TEAMS_OPS:
          '@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/teams)',
      }),
    });
    // What only Azure knows.
    const answered = {
      '<identity.properties.clientId>': '66666666-6666-6666-6666-666666666666',
      '<topic.properties.endpoint>': 'https://evgt.westeurope-1.eventgrid.azure.net/api/events',
      '<account.properties.primaryEndpoints.blob>': 'https://stck.blob.core.windows.net/',
      '<account.properties.primaryEndpoints.table>': 'https://stck.table.core.windows.net/',
    };
    const environment = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        Object.entries(answered).reduce((text, [from, to]) => text.replaceAll(from, to), value),
      ]),
    );
    const config = readConfig({
      ...environment,
      WEBSITE_SITE_NAME: 'func',
      WEBSITE_AUTH_ENABLED: 'True',
    });
    expect(config).toMatchObject({
      auth: { mode: 'entra', inFront: true },
      clientId: '66666666-6666-6666-6666-666666666666',
      storage: { kind: 'identity' },
    });
    expect(config.vaults.map(({ id }) => id)).toEqual(VAULTS);
  });

  test('hold no key, and storage takes none', () => {
    expect(JSON.stringify(everything)).not.toMatch(/AccountKey|SharedAccess|AccessKey=/i);
    expect(only(deployMain(), 'Microsoft.Storage/storageAccounts').body).toMatchObject({
      properties: { allowSharedKeyAccess: false, allowBlobPublicAccess: false },
    });
    expect(only(deployMain(), SITE).body).toMatchObject({
      identity: { type: 'UserAssigned' },
      properties: {
        functionAppConfig: {
          deployment: { storage: { authentication: { type: 'UserAssignedIdentity' } } },
        },
      },
    });
    expect(only(deployMain(), 'Microsoft.Insights/components').body).toMatchObject({
      properties: { DisableLocalAuth: true },
    });
  });

  test('name the task hub of host.json where it is kept by the scheduler', () => {
    // A file of this repository.
    const host = JSON.parse(readFileSync(join(ROOT, 'host.json'), 'utf8')) as {
      readonly extensions: { readonly durableTask: { readonly hubName: string } };
    };
    expect(everything['AzureFunctionsJobHost__extensions__durableTask__hubName']).toBe(
      host.extensions.durableTask.hubName,
    );
  });
});

test.each(['24', '22'])('Node %s can be chosen', (version) => {
  const { body } = only(deployMain({ CERTKEEPER_NODE_VERSION: version }), SITE);
  expect(at(body, 'properties', 'functionAppConfig', 'runtime')).toEqual({
    name: 'node',
    version,
  });
});

describe('authentication by the platform', () => {
  test('lets everybody through to the app, so that Event Grid can deliver', () => {
    const { body } = only(deployMain(), CONFIG, 'authsettingsV2');
    expect(body).toMatchObject({
      properties: {
        platform: { enabled: true },
        globalValidation: {
          requireAuthentication: false,
          unauthenticatedClientAction: 'AllowAnonymous',
        },
        identityProviders: {
          azureActiveDirectory: {
            registration: { clientId: '44444444-4444-4444-4444-444444444444' },
          },
        },
      },
    });
  });

  test('is off where callers have function keys', () => {
    const deployment = deployMain({ CERTKEEPER_AUTH: 'function-key' });
    expect(only(deployment, CONFIG, 'authsettingsV2').body).toMatchObject({
      properties: { platform: { enabled: false } },
    });
    expect(appSettings({ CERTKEEPER_AUTH: 'function-key' })).toMatchObject({
      CERTKEEPER_AUTH: 'function-key',
    });
  });

  test('is vouched for by the platform, never by a setting of the template', () => {
    expect(appSettings()).not.toHaveProperty('WEBSITE_AUTH_ENABLED');
  });
});

describe('the events of a vault', () => {
  const subscription = deployCare().resources.find(({ type }) =>
    type.endsWith('eventSubscriptions'),
  );
  const properties = at(subscription?.body, 'properties');

  test('go to a function that the app registers', () => {
    const name = text(at(properties, 'destination', 'properties', 'resourceId'))
      .split('/')
      .at(-1);
    expect(registrations()).toContain(`eventGrid('${name ?? ''}'`);
  });

  test('are those that the app handles, and no others', () => {
    const included = at(properties, 'filter', 'includedEventTypes');
    const handled = KEY_VAULT_EVENTS.filter((eventType) => !isOfNoUse(eventType));
    expect([...(Array.isArray(included) ? (included as readonly Value[]) : [])].sort()).toEqual(
      [...handled].sort(),
    );
  });

  test('are tried for a day, and kept then', () => {
    expect(properties).toMatchObject({
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1_440 },
      deadLetterWithResourceIdentity: {
        deadLetterDestination: { properties: { blobContainerName: 'dead-letters' } },
      },
    });
  });

  /** https://learn.microsoft.com/azure/event-grid/event-schema-key-vault */
  const KEY_VAULT_EVENTS = [
    ...['Certificate', 'Key', 'Secret'].flatMap((kind) =>
      ['NewVersionCreated', 'NearExpiry', 'Expired'].map(
        (what) => `Microsoft.KeyVault.${kind}${what}`,
      ),
    ),
    'Microsoft.KeyVault.VaultAccessPolicyChanged',
  ];

  function isOfNoUse(eventType: string): boolean {
    const data = { Id: 'https://kv.vault.azure.net/certificates/a/1', VaultName: 'kv' };
    const vaults = new Set(['kv']);
    const event = { eventType, topic: VAULTS[0], subject: 'a', data };
    const reading = readKeyVaultEvent(event, vaults, 'vault.azure.net');
    return reading.kind === 'skipped' && reading.reason.includes('of this type');
  }
});

describe('alerts', () => {
  const queries = deployMain()
    .resources.filter(({ type }) => type.endsWith('scheduledQueryRules'))
    .map(({ body }) => text(at(body, 'properties', 'criteria', 'allOf', 0, 'query')));
  const telemetry = readFileSync(join(ROOT, 'shared/metrics/open-telemetry.ts'), 'utf8');

  test('look at metrics that there are', () => {
    const names = queries.flatMap((query) =>
      [...query.matchAll(/Name == '([^']+)'/g)].map(([, name]) => name ?? ''),
    );
    expect([...names].sort()).toEqual([
      'certkeeper.audit.age',
      'certkeeper.findings',
      'certkeeper.syncs',
    ]);
    for (const name of names) expect(telemetry).toContain(`'${name}'`);
  });

  test('look at attributes that the metrics have', () => {
    const attributes = queries.flatMap((query) =>
      [...query.matchAll(/Properties\.([a-z]+)\b/g)].map(([, name]) => name ?? ''),
    );
    expect([...new Set(attributes)].sort()).toEqual([
      ...['acknowledged', 'code', 'outcome', 'severity'],
    ]);
    const documented = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
    for (const name of attributes) expect(documented).toContain(`\`${name}\``);
  });

  test('are in the runbook under their names', () => {
    const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
    const rules = deployMain().resources.filter(({ type }) => type.endsWith('scheduledQueryRules'));
    for (const { name } of rules) expect(runbook).toContain(`### ${name}\n`);
    const undelivered = deployCare().resources.filter(({ type }) => type.endsWith('metricAlerts'));
    for (const { name } of undelivered) expect(name).toMatch(/^certkeeper-dead-letters-[a-z]+-kv-/);
    expect(runbook).toContain('### certkeeper-dead-letters-{vault}');
  });

  test('tell somebody when there is somebody to tell', () => {
    const silent = deployMain();
    expect(silent.resources.some(({ type }) => type.endsWith('actionGroups'))).toBe(false);
    const loud = deployMain({ CERTKEEPER_ALERT_EMAILS: 'ops@contoso.com' });
    const { id } = only(loud, 'Microsoft.Insights/actionGroups');
    const rules = loud.resources.filter(({ type }) => type.endsWith('scheduledQueryRules'));
    expect(rules).toHaveLength(3);
    for (const { body } of rules) {
      expect(at(body, 'properties', 'actions', 'actionGroups')).toEqual([id]);
    }
    expect(loud.outputs['CERTKEEPER_ACTION_GROUP_ID']).toBe(id);
  });
});

describe('a network', () => {
  test('closes storage, and leaves the app open to Event Grid', () => {
    const deployment = deployMain({ CERTKEEPER_NETWORK: 'new' });
    expect(only(deployment, 'Microsoft.Storage/storageAccounts').body).toMatchObject({
      properties: { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } },
    });
    const { body } = only(deployment, SITE);
    expect(at(body, 'properties', 'publicNetworkAccess')).toBe('Enabled');
    expect(text(at(body, 'properties', 'virtualNetworkSubnetId'))).toMatch(/\/subnets\/app$/);
    const { body: network } = only(deployment, 'Microsoft.Network/virtualNetworks');
    const subnets = at(network, 'properties', 'subnets');
    expect([at(subnets, 0), at(subnets, 1)]).toMatchObject([
      {
        properties: {
          addressPrefix: '10.90.0.0/26',
          delegations: [{ properties: { serviceName: 'Microsoft.App/environments' } }],
        },
      },
      { properties: { addressPrefix: '10.90.0.64/26' } },
    ]);
  });

  test('that is there already brings its own DNS zones', () => {
    const subnet =
      '/subscriptions/x/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/hub/subnets';
    const deployment = deployMain({
      CERTKEEPER_NETWORK: 'existing',
      CERTKEEPER_APP_SUBNET_ID: `${subnet}/app`,
      CERTKEEPER_ENDPOINT_SUBNET_ID: `${subnet}/endpoints`,
      CERTKEEPER_DNS_ZONES_GROUP_ID: '/subscriptions/x/resourceGroups/dns',
    });
    expect(deployment.resources.some(({ type }) => type.includes('privateDnsZones'))).toBe(false);
    expect(JSON.stringify(deployment.resources)).toContain(
      '/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.table.core.windows.net',
    );
  });
});

/** The source of what registers functions. */
function registrations(): string {
  const folder = join(ROOT, 'functions/compose');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .concat(readFileSync(join(ROOT, 'functions/index.ts'), 'utf8'))
    .join('\n');
}
