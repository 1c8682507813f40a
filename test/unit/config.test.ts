import { ConfigError } from '../../shared/config/config-error.ts';
import { readConfig } from '../../shared/config.ts';

const IN_GROUP =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso/providers';
const VAULT = `${IN_GROUP}/Microsoft.KeyVault/vaults/Contoso-KV`;
const SERVICE = `${IN_GROUP}/Microsoft.ApiManagement/service/contoso-gw`;

const GOOD = {
  CERTKEEPER_VAULTS: VAULT,
  CERTKEEPER_SERVICES: SERVICE,
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};

/** The settings named as missing or bad, each with what is said about it. */
function complaints(environment: Record<string, string | undefined>): [string, string][] {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.settings.map(({ name, problem }) => [name, problem]);
  }
  return [];
}

describe('The settings', () => {
  test.each([
    [{}, { mode: 'function-key' }],
    [{ WEBSITE_AUTH_ENABLED: 'True' }, { mode: 'function-key' }],
    [{ CERTKEEPER_AUTH: 'entra' }, { mode: 'entra', inFront: false }],
    [
      { CERTKEEPER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'False' },
      { mode: 'entra', inFront: false },
    ],
    [
      { CERTKEEPER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'True' },
      { mode: 'entra', inFront: true },
    ],
  ])('%j say how callers are known: %j', (settings, auth) => {
    expect(readConfig({ ...GOOD, ...settings }).auth).toEqual(auth);
  });

  test('say where the app is, where the platform knows it', () => {
    const where = (host: string) => readConfig({ ...GOOD, WEBSITE_HOSTNAME: host }).publicUrl;
    expect(where('Certkeeper.azurewebsites.net')).toBe('https://certkeeper.azurewebsites.net');
    expect(where('localhost:7071/x')).toBeUndefined();
  });

  test('that name who is told are read with the others, and listed with them', () => {
    const settings = { ...GOOD, CERTKEEPER_NOTIFY: 'EXPIRED => slack', CERTKEEPER_VAULTS: '' };
    expect(() => readConfig(settings)).toThrow(/CERTKEEPER_VAULTS[^]*CERTKEEPER_NOTIFY_SLACK/);
  });

  test('are few: what is under care, and where to keep the ledger', () => {
    expect(readConfig(GOOD)).toEqual({
      auth: { mode: 'function-key' },
      vaults: [
        {
          id: VAULT,
          subscriptionId: '5eed0000-0000-4000-8000-000000000001',
          resourceGroup: 'rg-contoso',
          name: 'contoso-kv',
        },
      ],
      services: [expect.objectContaining({ id: SERVICE, name: 'contoso-gw' })],
      consent: [],
      cloud: expect.objectContaining({ vaultSuffix: 'vault.azure.net' }) as object,
      clientId: undefined,
      onSuspect: { rules: [], otherwise: 'warn' },
      grantAccess: 'never',
      cleanup: {
        mode: 'report',
        graceSeconds: 7 * 86_400,
        afterRecovery: false,
        discovered: false,
        maxShare: 0.25,
      },
      repairReferences: 'report',
      holdIfBreaking: false,
      usageMaxAgeSeconds: 3_600,
      caOverlapSeconds: 2_592_000,
      caDowntime: 'ask',
      keyCare: { applications: new Set(), classicSubscriptions: undefined },
      keyOverlapSeconds: 7 * 86_400,
      eventsTopic: undefined,
      notify: { rules: [], places: [] },
      metrics: undefined,
      publicUrl: undefined,
      sweepSchedule: '0 */30 * * * *',
      auditSchedule: '0 0 5 * * *',
      auditKeepSeconds: 90 * 86_400,
      historyKeepSeconds: 30 * 86_400,
      expiryDays: [30, 14, 7],
      storage: { kind: 'connection-string', connectionString: 'UseDevelopmentStorage=true' },
      localAzure: undefined,
    });
  });

  test('that are cleared or blank count as not set', () => {
    const blank = {
      CERTKEEPER_ALLOW: '',
      CERTKEEPER_CLEANUP: '',
      CERTKEEPER_CLEANUP_AFTER_RECOVERY: ' ',
      CERTKEEPER_CLEANUP_GRACE: '',
      CERTKEEPER_CLEANUP_MAX_SHARE: '',
      CERTKEEPER_CA_DOWNTIME: '',
      CERTKEEPER_CA_OVERLAP: '',
      CERTKEEPER_CLOUD: ' ',
      CERTKEEPER_EVENTS_TOPIC: '',
      CERTKEEPER_GRANT_ACCESS: '',
      CERTKEEPER_SWEEP_SCHEDULE: '',
      CERTKEEPER_AUDIT_KEEP: ' ',
      CERTKEEPER_HISTORY_KEEP: '',
      CERTKEEPER_AUDIT_SCHEDULE: '',
      CERTKEEPER_EXPIRY_DAYS: '',
      CERTKEEPER_LOCAL_AZURE: '',
      AZURE_CLIENT_ID: '',
      AzureWebJobsStorage__accountName: ' ',
    };
    expect(readConfig({ ...GOOD, ...blank })).toEqual(readConfig(GOOD));
  });

  test('may name several vaults and services, and all the rest', () => {
    const config = readConfig({
      ...GOOD,
      CERTKEEPER_VAULTS: ` ${VAULT} , ${VAULT}-2 ,`,
      CERTKEEPER_ALLOW: 'contoso-kv/* => contoso-gw',
      CERTKEEPER_CLOUD: 'AzureChinaCloud',
      CERTKEEPER_EVENTS_TOPIC: 'https://topic.westeurope-1.eventgrid.azure.net/api/events',
      CERTKEEPER_GRANT_ACCESS: 'auto',
      CERTKEEPER_SWEEP_SCHEDULE: '0 0 * * * *',
      CERTKEEPER_AUDIT_KEEP: '365d',
      CERTKEEPER_HISTORY_KEEP: '7d',
      CERTKEEPER_AUDIT_SCHEDULE: '0 0 5 * * 1',
      CERTKEEPER_EXPIRY_DAYS: ' 7, 60,60',
      CERTKEEPER_CLEANUP: 'remove',
      CERTKEEPER_CLEANUP_AFTER_RECOVERY: 'true',
      CERTKEEPER_CLEANUP_DISCOVERED: 'true',
      CERTKEEPER_CLEANUP_GRACE: '90m',
      CERTKEEPER_CLEANUP_MAX_SHARE: '40%',
      CERTKEEPER_REPAIR_REFERENCES: 'repair',
      CERTKEEPER_HOLD_IF_BREAKING: 'true',
      CERTKEEPER_USAGE_MAX_AGE: '30s',
      CERTKEEPER_CA_DOWNTIME: 'accept',
      CERTKEEPER_CA_OVERLAP: '7d',
      AZURE_CLIENT_ID: '5eed0000-0000-4000-8000-0000000000c1',
    });
    expect(config).toMatchObject({
      vaults: [{ name: 'contoso-kv' }, { name: 'contoso-kv-2' }],
      consent: [{ source: 'contoso-kv/*', target: 'contoso-gw/certificates/*' }],
      cloud: {
        vaultSuffix: 'vault.azure.cn',
        managementUrl: 'https://management.chinacloudapi.cn',
      },
      eventsTopic: 'https://topic.westeurope-1.eventgrid.azure.net/api/events',
      grantAccess: 'auto',
      sweepSchedule: '0 0 * * * *',
      auditKeepSeconds: 365 * 86_400,
      historyKeepSeconds: 7 * 86_400,
      auditSchedule: '0 0 5 * * 1',
      expiryDays: [60, 7],
      cleanup: {
        mode: 'remove',
        graceSeconds: 5_400,
        afterRecovery: true,
        discovered: true,
        maxShare: 0.4,
      },
      repairReferences: 'repair',
      holdIfBreaking: true,
      usageMaxAgeSeconds: 30,
      caDowntime: 'accept',
      caOverlapSeconds: 604_800,
      clientId: '5eed0000-0000-4000-8000-0000000000c1',
    });
  });

  test('name the applications whose keys are under care, and for how long an older key stays', () => {
    const id = '0A5E0000-0000-4000-8000-000000000001';
    const config = readConfig({
      ...GOOD,
      CERTKEEPER_APPLICATIONS: `${id}, ${id.toLowerCase()}`,
      CERTKEEPER_KEY_OVERLAP: '12h',
      CERTKEEPER_CLASSIC_SUBSCRIPTIONS: id,
    });
    expect(config).toMatchObject({
      keyCare: { applications: new Set([id.toLowerCase()]), classicSubscriptions: undefined },
      keyOverlapSeconds: 43_200,
    });
  });

  test('use the retired classic service only where it is said twice', () => {
    const id = '5eed0000-0000-4000-8000-000000000001';
    const on = { ...GOOD, CERTKEEPER_CLASSIC: 'true', CERTKEEPER_CLASSIC_SUBSCRIPTIONS: id };
    expect(readConfig(on).keyCare.classicSubscriptions).toEqual(new Set([id]));
    expect(() => readConfig({ ...GOOD, CERTKEEPER_APPLICATIONS: 'deploy' })).toThrow(
      'CERTKEEPER_APPLICATIONS: entry 1 is no GUID',
    );
  });

  test('may name further resources beside the one before by their names alone', () => {
    const elsewhere = SERVICE.replace('rg-contoso', 'rg-eu');
    const CERTKEEPER_SERVICES = `${SERVICE}, Contoso-EU-gw, ${elsewhere}-2, third-gw`;
    expect(readConfig({ ...GOOD, CERTKEEPER_SERVICES }).services).toMatchObject([
      { resourceGroup: 'rg-contoso', name: 'contoso-gw' },
      { resourceGroup: 'rg-contoso', name: 'contoso-eu-gw' },
      { resourceGroup: 'rg-eu', name: 'contoso-gw-2' },
      { id: elsewhere.replace('contoso-gw', 'third-gw'), resourceGroup: 'rg-eu', name: 'third-gw' },
    ]);
  });

  const TABLES = 'https://contosokeeper.table.core.windows.net';
  const BLOBS = 'https://contosokeeper.blob.core.windows.net';
  test.each<
    [sentence: string, settings: Record<string, string>, tableUrl: string, blobUrl: string]
  >([
    [
      'by the name of the account',
      { AzureWebJobsStorage__accountName: 'contosokeeper' },
      TABLES,
      BLOBS,
    ],
    [
      'by its own address, which goes before the name',
      {
        AzureWebJobsStorage__accountName: 'contosokeeper',
        AzureWebJobsStorage__tableServiceUri: 'https://ledger.example/',
      },
      'https://ledger.example/',
      BLOBS,
    ],
    [
      'by the addresses of its two services',
      {
        AzureWebJobsStorage__tableServiceUri: 'https://ledger.example/',
        AzureWebJobsStorage__blobServiceUri: 'https://copies.example/',
      },
      'https://ledger.example/',
      'https://copies.example/',
    ],
  ])('may give the storage %s, without a key', (_, settings, tableUrl, blobUrl) => {
    const { AzureWebJobsStorage: __, ...rest } = GOOD;
    const { storage } = readConfig({ ...rest, ...settings });
    expect(storage).toEqual({ kind: 'identity', tableUrl, blobUrl });
  });

  test.each(['http://127.0.0.1:7072', 'http://localhost:7072/', 'http://[::1]:7072'])(
    'may name a simulated Azure on this machine: %s',
    (address) => {
      expect(readConfig({ ...GOOD, CERTKEEPER_LOCAL_AZURE: address }).localAzure).toBe(
        address.replace(/\/$/, ''),
      );
    },
  );
});

describe('Bad settings', () => {
  test('are listed at once when nothing is set at all', () => {
    expect(complaints({}).map(([name]) => name)).toEqual([
      'CERTKEEPER_VAULTS',
      'CERTKEEPER_SERVICES',
      'AzureWebJobsStorage',
    ]);
  });

  test('are listed at once with the missing ones, each under its name, without a value', () => {
    const bad = {
      CERTKEEPER_VAULTS: 'sec-ret-1',
      CERTKEEPER_ALLOW: 'sec-ret-2',
      CERTKEEPER_CLOUD: 'sec-ret-3',
      CERTKEEPER_EVENTS_TOPIC: 'http://sec-ret-4',
      CERTKEEPER_GRANT_ACCESS: 'always',
      CERTKEEPER_SWEEP_SCHEDULE: 'sec-ret-5',
      CERTKEEPER_LOCAL_AZURE: 'https://sec-ret-6',
      AZURE_CLIENT_ID: 'sec-ret-7',
      AzureWebJobsStorage__tableServiceUri: 'sec-ret-8',
      AzureWebJobsStorage__blobServiceUri: 'sec-ret-10',
      CERTKEEPER_CLEANUP: 'sec-ret-11',
      CERTKEEPER_CLEANUP_GRACE: 'sec-ret-12',
      AzureWebJobsStorage__accountName: 'sec-ret-9',
    };
    const names = ['CERTKEEPER_SERVICES', ...Object.keys(bad)];
    expect(
      complaints(bad)
        .map(([name]) => name)
        .sort(),
    ).toEqual(names.sort());
    expect(() => readConfig(bad)).toThrow(ConfigError);
    expect(() => readConfig(bad)).not.toThrow(/sec-ret/);
    for (const name of names) expect(() => readConfig(bad)).toThrow(`\n  ${name}: `);
  });

  test.each<[sentence: string, settings: Record<string, string>, name: string, words: string]>([
    [
      'a vault that is a name only',
      { CERTKEEPER_VAULTS: 'contoso-kv' },
      'CERTKEEPER_VAULTS',
      'entry 1 is no resource id',
    ],
    [
      'a service among the vaults',
      { CERTKEEPER_VAULTS: `${VAULT},${SERVICE}` },
      'CERTKEEPER_VAULTS',
      'entry 2 is no resource id',
    ],
    [
      'a name beside a resource that is no name',
      { CERTKEEPER_SERVICES: `${SERVICE}, contoso?gw` },
      'CERTKEEPER_SERVICES',
      'entry 2 is no resource id',
    ],
    [
      'two vaults of one name',
      { CERTKEEPER_VAULTS: `${VAULT},${VAULT.toLowerCase()}` },
      'CERTKEEPER_VAULTS',
      'entry 2 has the same name',
    ],
    [
      'a list of nothing but commas',
      { CERTKEEPER_SERVICES: ' , ,' },
      'CERTKEEPER_SERVICES',
      'is missing',
    ],
    [
      'something below a service',
      { CERTKEEPER_SERVICES: `${SERVICE}/certificates/a` },
      'CERTKEEPER_SERVICES',
      'entry 1 is no resource id',
    ],
    [
      'the second rule',
      { CERTKEEPER_ALLOW: '*/* => a; b' },
      'CERTKEEPER_ALLOW',
      'rule 2 is not written',
    ],
    [
      'a schedule of five fields',
      { CERTKEEPER_SWEEP_SCHEDULE: '*/30 * * * *' },
      'CERTKEEPER_SWEEP_SCHEDULE',
      'six fields',
    ],
    [
      'an audit of five fields',
      { CERTKEEPER_AUDIT_SCHEDULE: '0 5 * * *' },
      'CERTKEEPER_AUDIT_SCHEDULE',
      'six fields',
    ],
    [
      'reports that are forgotten at once',
      { CERTKEEPER_AUDIT_KEEP: '23h' },
      'CERTKEEPER_AUDIT_KEEP',
      'must be 1d at least',
    ],
    [
      'histories that are forgotten at once',
      { CERTKEEPER_HISTORY_KEEP: '0d' },
      'CERTKEEPER_HISTORY_KEEP',
      'must be 1d at least',
    ],
    ['no day at all', { CERTKEEPER_EXPIRY_DAYS: '0' }, 'CERTKEEPER_EXPIRY_DAYS', 'numbers of days'],
    [
      'days that are no numbers',
      { CERTKEEPER_EXPIRY_DAYS: '30;14' },
      'CERTKEEPER_EXPIRY_DAYS',
      'numbers of days',
    ],
    [
      'a grace without its unit',
      { CERTKEEPER_CLEANUP_GRACE: '7' },
      'CERTKEEPER_CLEANUP_GRACE',
      'a time such as 90s, 30m, 12h or 7d',
    ],
    [
      'a grace in which a certificate may have no trace',
      { CERTKEEPER_CLEANUP_GRACE: '899s' },
      'CERTKEEPER_CLEANUP_GRACE',
      'must be 15m at least',
    ],
    [
      'no grace at all',
      { CERTKEEPER_CLEANUP_GRACE: '0s' },
      'CERTKEEPER_CLEANUP_GRACE',
      'must be 15m at least',
    ],
    [
      'a share without its sign',
      { CERTKEEPER_CLEANUP_MAX_SHARE: '0.25' },
      'CERTKEEPER_CLEANUP_MAX_SHARE',
      'a share such as 25%',
    ],
    [
      'a yes that is not true',
      { CERTKEEPER_HOLD_IF_BREAKING: 'yes' },
      'CERTKEEPER_HOLD_IF_BREAKING',
      'true or false',
    ],
    [
      'tables without a place for copies',
      { AzureWebJobsStorage__tableServiceUri: 'https://ledger.example/' },
      'AzureWebJobsStorage__blobServiceUri',
      'is missing beside',
    ],
    [
      'a simulated Azure elsewhere',
      { CERTKEEPER_LOCAL_AZURE: 'http://10.0.0.4:7072' },
      'CERTKEEPER_LOCAL_AZURE',
      'on this machine',
    ],
    [
      'a host that only begins like this machine',
      { CERTKEEPER_LOCAL_AZURE: 'http://localhost.evil.example' },
      'CERTKEEPER_LOCAL_AZURE',
      'on this machine',
    ],
    [
      'this machine as a user of another',
      { CERTKEEPER_LOCAL_AZURE: 'http://127.0.0.1@evil.example' },
      'CERTKEEPER_LOCAL_AZURE',
      'on this machine',
    ],
    [
      'a simulated Azure below a path',
      { CERTKEEPER_LOCAL_AZURE: 'http://127.0.0.1:7072/a' },
      'CERTKEEPER_LOCAL_AZURE',
      'on this machine',
    ],
    [
      'a simulated Azure on Azure',
      { CERTKEEPER_LOCAL_AZURE: 'http://127.0.0.1:7072', WEBSITE_SITE_NAME: 'keeper' },
      'CERTKEEPER_LOCAL_AZURE',
      'must not be set on Azure',
    ],
  ])('name %s', (_, settings, name, words) => {
    expect(complaints({ ...GOOD, ...settings })).toEqual([[name, expect.stringContaining(words)]]);
  });

  test('do not include a simulated Azure that is cleared on Azure', () => {
    const cleared = { CERTKEEPER_LOCAL_AZURE: ' ', WEBSITE_SITE_NAME: 'keeper' };
    expect(complaints({ ...GOOD, ...cleared })).toEqual([]);
  });
});

test('a name alone stands beside the resource before it, so that a large fleet fits', () => {
  const { services } = readConfig({
    ...GOOD,
    CERTKEEPER_SERVICES: `${SERVICE}, second-gw,Third-gw`,
  });
  expect(services.map(({ name }) => name)).toEqual([expect.any(String), 'second-gw', 'third-gw']);
  expect(services[1]?.id).toBe(`${SERVICE.slice(0, SERVICE.lastIndexOf('/'))}/second-gw`);
});
