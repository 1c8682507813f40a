import { INSTALLATION_ID } from '../../../shared/domain/installation.ts';
import { ROLES } from '../../../shared/http/caller.ts';
import type { Answer } from '../../support/fake-command.ts';
import { deployMain, only, VAULTS } from '../../support/infra.ts';
import { runHook } from '../../support/run-hook.ts';

const [VAULT = ''] = VAULTS;

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
