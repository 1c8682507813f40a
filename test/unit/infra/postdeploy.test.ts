import { join } from 'node:path';
import { deploy } from '../../support/bicep/deploy.ts';
import { ScopeHandle } from '../../support/bicep/handles.ts';
import type { Value } from '../../support/bicep/late.ts';
import type { Answer } from '../../support/fake-command.ts';
import { INFRA, SERVICES, VAULTS } from '../../support/infra.ts';
import { ENVIRONMENT, PRINCIPAL, runHook, type HookRun } from '../../support/run-hook.ts';

const [VAULT = '', PAYMENTS = ''] = VAULTS;

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
  const parametersOf = (calls: HookRun['calls']) => {
    const { parameters } = calls.at(-1)?.body as {
      readonly parameters: Readonly<Record<string, { readonly value: Value }>>;
    };
    return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  };

  test('where there is no azd, what it would keep is said', () => {
    const { status, stdout, calls } = runHook('postdeploy', AZURE, {}, ['az']);
    expect(status).toBe(0);
    expect(stdout).toContain(
      `set it for the next run: CERTKEEPER_KNOWN_VAULTS=${VAULTS.join(',')}`,
    );
    expect(calls.at(-1)?.args).toContain('deployment sub create');
  });

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

  const remembered = (calls: HookRun['calls']) =>
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

    test.each([
      ['nobody may look', 'ERROR: Forbidden(AuthorizationFailed)'],
      [
        'who is signed in does not see the subscription',
        'ERROR: Not Found({"error":{"code":"SubscriptionNotFound","message":"The subscription could not be found."}})',
      ],
    ])('are remembered where %s', (_, fails) => {
      const refused = { to: 'old-', fails };
      const answers = [{ to: 'env set' }, refused, ...AZURE];
      const { status, stdout, calls } = runHook('postdeploy', answers, BEFORE);
      expect([status, stdout]).toEqual([
        0,
        expect.stringContaining(`${OLD_SERVICE} is no longer under care`),
      ]);
      for (const old of [OLD_VAULT, OLD_SERVICE]) {
        expect(remembered(calls).join()).toContain(old);
      }
    });
  });
});
