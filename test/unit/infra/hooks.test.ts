import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';
import { INSTALLATION_ID } from '../../../shared/domain/installation.ts';
import { ROLES } from '../../../shared/http/caller.ts';
import { deploy } from '../../support/bicep/deploy.ts';
import { ScopeHandle } from '../../support/bicep/handles.ts';
import type { Value } from '../../support/bicep/late.ts';
import { fakePrograms, type Answer } from '../../support/fake-command.ts';
import { deployMain, INFRA, only, SERVICES, VAULTS } from '../../support/infra.ts';

const ROOT = join(INFRA, '..');
const APP =
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-prod/providers/Microsoft.Web/sites/func';
const [VAULT = '', PAYMENTS = ''] = VAULTS;
const PRINCIPAL = '55555555-5555-5555-5555-555555555555';

/** As azd hands it to hooks: its own variables, those that were set, and the outputs. */
const ENVIRONMENT = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'northeurope',
  AZURE_SUBSCRIPTION_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_RESOURCE_GROUP: 'rg-prod',
  CERTKEEPER_VAULTS: VAULTS.join(','),
  CERTKEEPER_SERVICES: SERVICES.join(','),
  CERTKEEPER_APP_ID: APP,
  CERTKEEPER_APP_NAME: 'func',
  CERTKEEPER_URL: 'https://func.azurewebsites.net',
  CERTKEEPER_PRINCIPAL_ID: PRINCIPAL,
  CERTKEEPER_STORAGE_ID: APP.replace(
    'Microsoft.Web/sites/func',
    'Microsoft.Storage/storageAccounts/st',
  ),
  CERTKEEPER_DEAD_LETTER_CONTAINER: 'dead-letters',
  CERTKEEPER_AUTHENTICATION: 'entra',
};

function runHook(
  name: string,
  answers: readonly Answer[],
  environment: Readonly<Record<string, string>> = {},
) {
  const programs = fakePrograms(['az', 'azd'], answers);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(INFRA, 'hooks', `${name}.mjs`)],
    {
      encoding: 'utf8',
      env: { ...ENVIRONMENT, PATH: programs.path, ...environment },
    },
  );
  return { status, stdout, stderr, calls: programs.calls() };
}

describe('azure.yaml', () => {
  // A file of this repository.
  const project = parse(readFileSync(join(ROOT, 'azure.yaml'), 'utf8')) as {
    readonly infra: { readonly path: string; readonly module: string };
    readonly services: Readonly<Record<string, { readonly host: string; readonly hooks: Hooks }>>;
    readonly hooks: Hooks;
  };
  type Hooks = Readonly<Record<string, Readonly<Record<string, { readonly run: string }>>>>;
  const hooks = { ...project.hooks, ...project.services['app']?.hooks };

  test('names the template, and the service that the function app is tagged with', () => {
    const { path, module } = project.infra;
    expect(existsSync(join(ROOT, path, `${module}.bicep`))).toBe(true);
    expect(only(deployMain(), 'Microsoft.Web/sites').body).toMatchObject({
      tags: { 'azd-service-name': Object.keys(project.services)[0] },
    });
  });

  test('runs one script in each hook, from either shell', () => {
    expect(Object.keys(hooks).sort()).toEqual([
      'postdeploy',
      'postprovision',
      'predown',
      'prepackage',
      'preprovision',
    ]);
    for (const [name, shells] of Object.entries(hooks)) {
      const run = `node infra/hooks/${name}.mjs`;
      expect([shells['posix']?.run, shells['windows']?.run]).toEqual([run, run]);
      expect(existsSync(join(ROOT, `infra/hooks/${name}.mjs`))).toBe(true);
    }
  });

  test('every output is read by a hook or by azd, and sets no parameter', () => {
    const read = [...Object.keys(hooks), 'remains']
      .map((name) => readFileSync(join(INFRA, 'hooks', `${name}.mjs`), 'utf8'))
      .join('\n');
    const parameters = readFileSync(join(INFRA, 'main.bicepparam'), 'utf8');
    for (const name of Object.keys(deployMain().outputs)) {
      const isAzd = name === 'AZURE_LOCATION' || name === 'CERTKEEPER_APP_NAME';
      expect([name, isAzd || read.includes(name)]).toEqual([name, true]);
      // It would come back as a value that somebody set.
      expect([name, parameters.includes(`'${name}'`)]).toEqual([name, name === 'AZURE_LOCATION']);
    }
  });

  test('every variable that a hook reads is an output, is azd’s, or is documented', () => {
    const outputs = Object.keys(deployMain().outputs);
    const documented = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
    for (const name of [...Object.keys(hooks), 'care', 'command-line', 'remains']) {
      const source = readFileSync(join(INFRA, 'hooks', `${name}.mjs`), 'utf8');
      for (const [variable] of source.matchAll(/\b(?:AZURE|CERTKEEPER)_[A-Z_]+\b/g)) {
        const isKnown =
          outputs.includes(variable) || new RegExp(`\\b${variable}[=\`]`).test(documented);
        expect([variable, isKnown]).toEqual([variable, true]);
      }
    }
  });
});

describe('before anything is created', () => {
  const GRAPH: readonly Answer[] = [
    { to: 'user.type', says: 'user' },
    { to: 'account show', says: 'ok' },
    { to: 'env set' },
    {
      to: "--method patch --url https://graph.microsoft.com/v1.0/applications(uniqueName='certkeeper-prod-22222222')",
    },
    {
      to: "applications(uniqueName='certkeeper-prod-22222222')?$select=appId",
      says: { appId: 'client' },
    },
    {
      to: "--method patch --url https://graph.microsoft.com/v1.0/servicePrincipals(appId='client')",
    },
    { to: '/me?$select=id', says: { id: 'ada' } },
    { to: "servicePrincipals(appId='client')?$select=id", says: { id: 'principal' } },
    { to: '--method post', says: {} },
    { to: '/servicePrincipals/principal/appRoleAssignedTo', says: { value: [] } },
  ];

  test('what is missing is said with the command that sets it', () => {
    const { status, stderr, calls } = runHook('preprovision', [], {
      CERTKEEPER_VAULTS: '',
      CERTKEEPER_SERVICES: VAULT,
      CERTKEEPER_TASKS: 'rotate,conquer',
      AZURE_ENV_NAME: 'prod_eu',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('azd env set CERTKEEPER_VAULTS');
    expect(stderr).toContain(`CERTKEEPER_SERVICES: ${VAULT} is no resource id of`);
    expect(stderr).toContain('conquer is none of rotate,');
    expect(stderr).toContain('AZURE_ENV_NAME: prod_eu');
    expect(stderr).not.toContain('    at ');
    expect(calls).toEqual([]);
  });

  test.each(['prod', 'Prod-EU-2', 'e'.repeat(40)])(
    '%s is a name that the app takes, too',
    (name) => {
      const { stderr } = runHook('preprovision', [], {
        ...{ AZURE_ENV_NAME: name, CERTKEEPER_SERVICES: '' },
      });
      expect(stderr).not.toContain('AZURE_ENV_NAME');
      const settings = only(
        deployMain({ AZURE_ENV_NAME: name }),
        'Microsoft.Web/sites/config',
        'appsettings',
      );
      const { CERTKEEPER_INSTALLATION: id } = settings.body['properties'] as Record<string, string>;
      expect(id).toMatch(INSTALLATION_ID);
    },
  );

  test('an application with the roles of the app is made, and the caller may manage', () => {
    const { status, stdout, calls } = runHook('preprovision', GRAPH);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Certkeeper.Manage')]);
    const [made] = calls.filter(({ args }) => args.includes('--method patch'));
    expect(made?.args).toContain('Prefer=create-if-missing');
    const body = made?.body as { readonly appRoles: readonly { readonly value: string }[] };
    expect(body.appRoles.map(({ value }) => value)).toEqual([...ROLES]);
    expect(calls.filter(({ program }) => program === 'azd').map(({ args }) => args)).toEqual([
      'env set CERTKEEPER_ENTRA_CLIENT_ID client',
      'env set CERTKEEPER_ENTRA_APPLICATION certkeeper-prod-22222222',
    ]);
  });

  test('a second run mends it, and assigns nothing twice', () => {
    const { appRoles } = runHook('preprovision', GRAPH).calls.find(({ args }) =>
      args.includes('--method patch'),
    )?.body as { readonly appRoles: readonly { readonly id: string; readonly value: string }[] };
    const manage = appRoles.find(({ value }) => value === 'Certkeeper.Manage');
    const { status, calls } = runHook(
      'preprovision',
      [
        {
          to: '/servicePrincipals/principal/appRoleAssignedTo',
          says: { value: [{ principalId: 'ada', appRoleId: manage?.id }] },
        },
        ...GRAPH,
      ],
      {
        CERTKEEPER_ENTRA_CLIENT_ID: 'client',
        CERTKEEPER_ENTRA_APPLICATION: 'certkeeper-prod-22222222',
      },
    );
    expect(status).toBe(0);
    expect(calls.some(({ args }) => args.includes('--method post'))).toBe(false);
  });

  test('the application keeps its name, whatever would be made of one today', () => {
    const { status, calls } = runHook(
      'preprovision',
      [
        {
          to: "--method patch --url https://graph.microsoft.com/v1.0/applications(uniqueName='before')",
        },
        { to: "applications(uniqueName='before')?$select=appId", says: { appId: 'client' } },
        ...GRAPH,
      ],
      { CERTKEEPER_ENTRA_CLIENT_ID: 'client', CERTKEEPER_ENTRA_APPLICATION: 'before' },
    );
    expect(status).toBe(0);
    expect(calls.some(({ args }) => args.includes("uniqueName='certkeeper-prod-"))).toBe(false);
  });

  test('where azd has not asked for the subscription yet, the Azure CLI’s own names it', () => {
    const { status, calls } = runHook(
      'preprovision',
      // Its first eight; what is played here prints a text in quotes, and a number without.
      [{ to: 'account show --query id', says: 22222222 }, ...GRAPH],
      { AZURE_SUBSCRIPTION_ID: '' },
    );
    expect(status).toBe(0);
    expect(calls.map(({ args }) => args)).toContain(
      'env set CERTKEEPER_ENTRA_APPLICATION certkeeper-prod-22222222',
    );
  });

  test('a program that installs it gets no role', () => {
    const { status, calls } = runHook('preprovision', [
      { to: 'user.type', says: 'servicePrincipal' },
      ...GRAPH,
    ]);
    expect([status, calls.at(-1)?.args]).toEqual([0, expect.stringContaining('user.type')]);
  });

  test.each([
    ['that was given', { CERTKEEPER_ENTRA_CLIENT_ID: 'theirs' }],
    ['that nobody needs', { CERTKEEPER_AUTH: 'function-key' }],
  ])('an application %s is left alone', (_, environment) => {
    const { status, calls } = runHook('preprovision', GRAPH, environment);
    expect([status, calls.map(({ args }) => args.split(' ')[0])]).toEqual([0, ['account']]);
  });

  test('a CLI that is missing is named', () => {
    const { status, stderr } = runHook('preprovision', [], { PATH: '/nowhere' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('docs/deploy.md')]);
  });
});

test('browsers come back to the address of the app', () => {
  const { status, calls } = runHook('postprovision', [{ to: '--method patch' }], {
    CERTKEEPER_ENTRA_CLIENT_ID: 'client',
    CERTKEEPER_ENTRA_APPLICATION: 'certkeeper-prod-22222222',
  });
  expect(status).toBe(0);
  expect(calls[0]?.body).toMatchObject({
    identifierUris: ['api://client'],
    web: { redirectUris: ['https://func.azurewebsites.net/.auth/login/aad/callback'] },
  });
});

describe('once the code is there', () => {
  const AZURE: readonly Answer[] = [
    {
      to: '/functions/KeyVaultEvents',
      fails: 'ERROR: Not Found({"error":{"code":"NotFound"}})',
      times: 1,
    },
    { to: '/functions/KeyVaultEvents', says: {} },
    {
      to: `${VAULT}?`,
      says: { name: 'contoso-kv', properties: { enableRbacAuthorization: true } },
    },
    { to: `${PAYMENTS}?`, says: { name: 'payments-kv', properties: {} } },
    {
      to: '22222222-2222-2222-2222-222222222222/providers/Microsoft.EventGrid/systemTopics',
      says: { value: [], nextLink: 'https://management.azure.com/page-2' },
    },
    {
      to: 'page-2',
      says: {
        value: [
          {
            id: VAULT.replace(
              /shared.*/,
              'events/providers/Microsoft.EventGrid/systemTopics/theirs',
            ),
            name: 'theirs',
            properties: { source: VAULT.toUpperCase() },
          },
        ],
      },
    },
    {
      to: '33333333-3333-3333-3333-333333333333/providers/Microsoft.EventGrid',
      says: { value: [] },
    },
    { to: 'env set' },
    { to: 'deployment sub' },
  ];
  const parametersOf = (calls: ReturnType<typeof runHook>['calls']) => {
    const { parameters } = calls.at(-1)?.body as {
      readonly parameters: Readonly<Record<string, { readonly value: Value }>>;
    };
    return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  };

  test('the second template gets what was found, and takes it', () => {
    const { status, stdout, calls } = runHook('postdeploy', AZURE);
    expect(status).toBe(0);
    expect(calls.at(-1)?.args).toContain('deployment sub create');
    const params = parametersOf(calls);
    expect(params['vaults']).toEqual([
      {
        id: VAULT,
        accessPolicies: false,
        topicName: 'theirs',
        topicGroup: 'events',
        keepsDeadLetters: false,
      },
      {
        id: PAYMENTS,
        accessPolicies: true,
        topicName: '',
        topicGroup: '',
        keepsDeadLetters: false,
      },
    ]);
    expect(stdout).toContain('az eventgrid system-topic update --name theirs');
    const { resources } = deploy(join(INFRA, 'care.bicep'), {
      params,
      scope: new ScopeHandle({ tenantId: 't', subscriptionId: ENVIRONMENT.AZURE_SUBSCRIPTION_ID }),
    });
    expect(resources.filter(({ type }) => type.endsWith('eventSubscriptions'))).toHaveLength(2);
  });

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['nothing said', {}, ['rotate']],
    ['reporting only', { CERTKEEPER_TASKS: '' }, []],
    ['more named', { CERTKEEPER_TASKS: 'rotate, upload' }, ['rotate', 'upload']],
    ['a clearer message', { CERTKEEPER_TASKS: 'deletedVaults' }, ['deletedVaults']],
    [
      'settings that ask for more',
      { CERTKEEPER_GRANT_ACCESS: 'auto', CERTKEEPER_CLEANUP: 'remove' },
      ['rotate', 'grant', 'cleanUp'],
    ],
  ])('roles follow from what it is to do: %s', (_, environment, tasks) => {
    expect(parametersOf(runHook('postdeploy', AZURE, environment).calls)['tasks']).toEqual(tasks);
  });

  test('a role that is not known everywhere yet is waited for', () => {
    const early = { to: 'deployment sub', fails: 'ERROR: RoleDefinitionDoesNotExist', times: 1 };
    const { status, calls } = runHook('postdeploy', [early, ...AZURE]);
    expect(status).toBe(0);
    expect(calls.filter(({ args }) => args.includes('deployment sub'))).toHaveLength(2);
  });

  test('what will not go by waiting is said, without a stack', () => {
    const refused = {
      to: 'deployment sub',
      fails: 'ERROR: AuthorizationFailed: no right to write',
    };
    const { status, stderr } = runHook('postdeploy', [refused, ...AZURE]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('AuthorizationFailed')]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test('a rehearsal changes nothing', () => {
    const { status, calls } = runHook('postdeploy', AZURE, { CERTKEEPER_WHAT_IF: 'true' });
    expect(status).toBe(0);
    expect(calls.at(-1)?.args).toContain('deployment sub what-if');
    const methods = calls.flatMap(({ args }) => /--method (\w+)/.exec(args)?.[1] ?? []);
    expect(new Set(methods)).toEqual(new Set(['get']));
    expect(calls.some(({ program }) => program === 'azd')).toBe(false);
  });

  const remembered = (calls: ReturnType<typeof runHook>['calls']) =>
    calls.filter(({ program }) => program === 'azd').map(({ args }) => args);

  test('what it takes care of is remembered', () => {
    const { calls } = runHook('postdeploy', AZURE);
    expect(remembered(calls)).toEqual([
      `env set CERTKEEPER_KNOWN_VAULTS ${VAULTS.join(',')}`,
      `env set CERTKEEPER_KNOWN_SERVICES ${SERVICES.join(',')}`,
    ]);
  });

  describe('a vault and a service that were taken out of the settings', () => {
    const OLD_VAULT = VAULT.replace('contoso-kv', 'old-kv');
    const OLD_SERVICE = SERVICES[0]?.replace('contoso-gw', 'old-gw') ?? '';
    const BEFORE = {
      CERTKEEPER_KNOWN_VAULTS: [VAULT.toUpperCase(), OLD_VAULT].join(','),
      CERTKEEPER_KNOWN_SERVICES: [...SERVICES, OLD_SERVICE].join(','),
      CERTKEEPER_INSTALLATION: 'prod-abc',
    };
    const roleAt = (scope: string) => ({
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/one`,
      properties: { scope },
    });
    const LEFT: readonly Answer[] = [
      {
        to: `${OLD_VAULT}?`,
        says: { properties: { tenantId: 't', accessPolicies: [{ objectId: PRINCIPAL }] } },
      },
      {
        to: `${OLD_SERVICE}/providers/Microsoft.Authorization`,
        says: { value: [roleAt(OLD_SERVICE)] },
      },
      { to: 'roleAssignments?', says: { value: [] } },
      {
        to: `${OLD_SERVICE}/tags/certkeeper-installation?`,
        says: { properties: { displayName: 'Certkeeper prod-abc' } },
      },
      { to: `${OLD_SERVICE}?`, says: {} },
    ];

    test('are said to keep what they were given, each with the command that removes it', () => {
      const { status, stdout, calls } = runHook('postdeploy', [...LEFT, ...AZURE], BEFORE);
      expect(status).toBe(0);
      const ARM = 'https://management.azure.com';
      expect(stdout.split('\n').filter((line) => line.startsWith('  az '))).toEqual([
        `  az rest --method put --url "${ARM}${OLD_VAULT}/accessPolicies/remove?api-version=2023-07-01" --body '{"properties":{"accessPolicies":[{"tenantId":"t","objectId":"${PRINCIPAL}","permissions":{}}]}}'`,
        `  az rest --method delete --url "${ARM}${OLD_SERVICE}/tags/certkeeper-installation?api-version=2024-05-01" --headers "If-Match=*"`,
        `  az rest --method delete --url "${ARM}${roleAt(OLD_SERVICE).id}?api-version=2022-04-01"`,
        expect.stringContaining('--name theirs'),
      ]);
      expect(calls.some(({ args }) => /--method (?!get)/.test(args))).toBe(false);
      // They are remembered as long as something is left there.
      expect(remembered(calls)).toEqual([
        `env set CERTKEEPER_KNOWN_VAULTS ${[...VAULTS, OLD_VAULT].join(',')}`,
        `env set CERTKEEPER_KNOWN_SERVICES ${[...SERVICES, OLD_SERVICE].join(',')}`,
      ]);
    });

    test('are forgotten once nothing of it is left', () => {
      const gone = { to: 'old-', fails: 'ERROR: Not Found(ResourceNotFound)' };
      const { status, calls } = runHook('postdeploy', [gone, ...AZURE], BEFORE);
      expect(status).toBe(0);
      expect(remembered(calls)).toEqual([
        `env set CERTKEEPER_KNOWN_VAULTS ${VAULTS.join(',')}`,
        `env set CERTKEEPER_KNOWN_SERVICES ${SERVICES.join(',')}`,
      ]);
    });

    test('are remembered where nobody may look', () => {
      const refused = { to: 'old-', fails: 'ERROR: Forbidden(AuthorizationFailed)' };
      const answers = [{ to: 'env set' }, refused, ...AZURE];
      const { status, stdout, calls } = runHook('postdeploy', answers, BEFORE);
      expect([status, stdout]).toEqual([
        0,
        expect.stringContaining(`${OLD_SERVICE} is no longer under care`),
      ]);
      expect(remembered(calls).join()).toContain(OLD_VAULT);
    });
  });
});

test('before it goes, only what is its own in other resource groups is removed', () => {
  const topic = (name: string, tags: object) => ({
    id: `${VAULT.split('/providers')[0] ?? ''}/providers/Microsoft.EventGrid/systemTopics/${name}`,
    ...{ name, tags, properties: { source: VAULT } },
  });
  const subscribed = (name: string, app: string) => ({
    name,
    properties: { destination: { properties: { resourceId: `${app}/functions/KeyVaultEvents` } } },
  });
  const SUBSCRIPTION = `/subscriptions/${ENVIRONMENT.AZURE_SUBSCRIPTION_ID}`;
  const role = (scope: string, name: string) => ({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    properties: { scope },
  });
  const { status, calls } = runHook(
    'predown',
    [
      { to: 'account show' },
      { to: '--method delete' },
      { to: '--method put', says: {} },
      {
        to: 'eventSubscriptions?',
        says: { value: [subscribed('ours', APP.toUpperCase()), subscribed('theirs', '/else')] },
      },
      {
        to: '/providers/Microsoft.EventGrid/systemTopics?',
        says: { value: [topic('shared', { certkeeper: 'prod' })] },
      },
      { to: 'roleDefinitions?', says: { value: [] } },
      {
        to: `${VAULT}/providers/Microsoft.Authorization/roleAssignments?`,
        says: { value: [role(VAULT, 'one'), role('/subscriptions/s', 'above')] },
      },
      {
        to: `com${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments?`,
        says: { value: [role(SUBSCRIPTION, 'two'), role(VAULT, 'below')] },
      },
      { to: 'roleAssignments?', says: { value: [] } },
      {
        to: `${VAULT}?`,
        says: { properties: { tenantId: 't', accessPolicies: [{ objectId: PRINCIPAL }] } },
      },
      { to: '--method get', says: {} },
    ],
    { CERTKEEPER_VAULTS: VAULT },
  );
  expect(status).toBe(0);
  const removed = calls
    .filter(({ args }) => args.includes('--method delete'))
    .map(({ args }) => /\/([^/]+\/[^/]+)\?/.exec(args)?.[1]);
  // The topic stays, since somebody else gets events by it.
  expect(removed).toEqual([
    'eventSubscriptions/ours',
    'metricAlerts/certkeeper-dead-letters-contoso-kv-ours',
    'roleAssignments/one',
    'roleAssignments/two',
  ]);
  expect(calls.find(({ args }) => args.includes('--method put'))?.body).toMatchObject({
    properties: { accessPolicies: [{ objectId: PRINCIPAL }] },
  });
});

describe('before it goes, at what it took care of', () => {
  const [SERVICE = ''] = SERVICES;
  const MARK = `${SERVICE}/tags/certkeeper-installation?api-version=2024-05-01`;
  const OLD = VAULT.replace('contoso-kv', 'old-kv');
  const marked = (displayName: string) => ({ to: MARK, says: { properties: { displayName } } });
  const NOTHING: readonly Answer[] = [
    { to: 'account show' },
    { to: 'systemTopics?', says: { value: [] } },
    { to: 'roleAssignments?', says: { value: [] } },
    { to: 'roleDefinitions?', says: { value: [] } },
    { to: '--method get', says: {} },
    { to: '--method delete' },
    { to: '--method put', says: {} },
  ];
  const policy = {
    to: `${OLD}?`,
    says: { properties: { tenantId: 't', accessPolicies: [{ objectId: PRINCIPAL }] } },
  };
  const changes = (calls: ReturnType<typeof runHook>['calls']) =>
    calls.map(({ args }) => args).filter((args) => /--method (?!get)/.test(args));
  const ITSELF = { CERTKEEPER_INSTALLATION: 'prod-abc' };

  test('its mark is taken from the service', () => {
    const { status, calls } = runHook(
      'predown',
      [{ to: 'delete --url' }, marked('Certkeeper prod-abc'), ...NOTHING],
      ITSELF,
    );
    expect(status).toBe(0);
    expect(changes(calls)).toEqual([expect.stringMatching(/certkeeper-installation.*If-Match=\*/)]);
  });

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['of another installation', 'Certkeeper prod-xyz', ITSELF],
    ['whose name only begins like its own', 'Certkeeper prod-abcd', ITSELF],
    ['in other letters', 'certkeeper PROD-ABC', ITSELF],
    ['that cannot be told to be its own', 'Certkeeper ', {}],
  ])('a mark %s stays', (_, displayName, environment) => {
    const { status, calls } = runHook('predown', [marked(displayName), ...NOTHING], environment);
    expect([status, changes(calls)]).toEqual([0, []]);
  });

  test('a vault that was taken out of the settings is gone through, too', () => {
    const { status, calls } = runHook('predown', [policy, ...NOTHING], {
      CERTKEEPER_KNOWN_VAULTS: OLD,
    });
    expect(status).toBe(0);
    expect(changes(calls)).toEqual([expect.stringContaining(`${OLD}/accessPolicies/remove`)]);
  });

  test('what cannot be looked at or removed is named with its command, and the rest goes', () => {
    const { status, stdout, calls } = runHook(
      'predown',
      [
        { to: '--method put', fails: 'ERROR: Conflict: the vault is locked' },
        { to: `${PAYMENTS}?`, fails: 'ERROR: AuthorizationFailed' },
        { to: 'delete --url', says: {} },
        marked('Certkeeper prod-abc'),
        policy,
        ...NOTHING,
      ],
      { ...ITSELF, CERTKEEPER_KNOWN_VAULTS: OLD },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/az rest --method put .*\/old-kv\/accessPolicies\/remove\?/);
    expect(stdout).toContain(`${PAYMENTS} could not be looked at`);
    expect(changes(calls)).toContainEqual(expect.stringContaining('certkeeper-installation'));
  });

  test('nothing goes, the resource group neither, while the Azure CLI is not signed in', () => {
    const out = { to: 'account show', fails: 'ERROR: Please run az login' };
    const { status, stderr, calls } = runHook('predown', [out, ...NOTHING]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('az login')]);
    expect(calls).toHaveLength(1);
  });
});
