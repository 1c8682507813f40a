/** What a deployment allows Certkeeper, as `infra/roles/` says it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { builtInRoles } from '../../../local/azure/resource-manager/authorization/built-in-roles.ts';
import { covers } from '../../../local/azure/resource-manager/authorization/effective-permission.ts';
import { readCertkeeperRoles } from '../../../local/seed/certkeeper-roles.ts';
import { delegateRole } from '../../../shared/azure/own-rights.ts';
import { GIVEN_ROLE } from '../../../shared/domain/grant-plan.ts';
import { deploy, type Deployment } from '../../support/bicep/deploy.ts';
import { ScopeHandle } from '../../support/bicep/handles.ts';
import { isRecord, type Value, type ValueRecord } from '../../support/bicep/late.ts';

const ROOT = path.join(__dirname, '../../..');
const HOME = '22222222-2222-2222-2222-222222222222';
const AWAY = '33333333-3333-3333-3333-333333333333';
const PRINCIPAL = '44444444-4444-4444-4444-444444444444';
const SERVICE = `/subscriptions/${HOME}/resourceGroups/rg-gw/providers/Microsoft.ApiManagement/service/contoso-gw`;
const RBAC_VAULT = `/subscriptions/${AWAY}/resourceGroups/rg-kv/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const POLICY_VAULT = `/subscriptions/${HOME}/resourceGroups/rg-old/providers/Microsoft.KeyVault/vaults/old-kv`;
const SCOPES: Readonly<Record<string, string>> = {
  service: SERVICE,
  rbacVault: RBAC_VAULT,
  policyVault: POLICY_VAULT,
  subscription: `/subscriptions/${AWAY}`,
};
const ROLES = readCertkeeperRoles();
const TASKS = [...new Set(ROLES.map(({ task }) => task))].filter((task) => task !== 'report');

const DEFINITION = 'Microsoft.Authorization/roleDefinitions';
const ASSIGNMENT = 'Microsoft.Authorization/roleAssignments';

function run(params: Readonly<Record<string, Value>> = {}, resourceGroup = 'rg-certkeeper') {
  const scope = new ScopeHandle({
    tenantId: '11111111-1111-1111-1111-111111111111',
    ...{ subscriptionId: HOME, resourceGroup, location: 'westeurope' },
  });
  return deploy(path.join(ROOT, 'infra/roles/roles.bicep'), {
    scope,
    params: {
      installation: 'contoso',
      principalId: PRINCIPAL,
      vaults: [
        { id: RBAC_VAULT, accessPolicies: false },
        { id: POLICY_VAULT, accessPolicies: true },
      ],
      services: [SERVICE],
      tasks: TASKS,
      ...params,
    },
  });
}

const of = (deployment: Deployment, type: string) =>
  deployment.resources.filter((one) => one.type === type);
const properties = ({ body }: { readonly body: ValueRecord }): ValueRecord => {
  const found = body['properties'];
  if (found === undefined || !isRecord(found)) throw new Error('no properties');
  return found;
};
const textOf = (one: { readonly body: ValueRecord }, name: string): string => {
  const value = properties(one)[name];
  return typeof value === 'string' ? value : '';
};
/** `{scope} {GUID of the role}` of every assignment, sorted. */
const assigned = (deployment: Deployment) =>
  of(deployment, ASSIGNMENT)
    .map((one) => {
      const scope = one.id.slice(0, one.id.indexOf('/providers/Microsoft.Authorization/'));
      return `${scope} ${textOf(one, 'roleDefinitionId').split('/').at(-1) ?? ''}`;
    })
    .sort();

describe('the roles of a deployment', () => {
  it('are those that the simulated Azure enforces, each with what it allows and no wildcard', () => {
    const made = of(run(), DEFINITION).map((one) => {
      const { description, permissions } = properties(one);
      return { description, permissions };
    });
    expect(made).toEqual(
      ROLES.filter(({ actions, dataActions }) => actions.length + dataActions.length > 0).map(
        ({ description, actions, dataActions }) => ({
          description,
          permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
        }),
      ),
    );
    expect(JSON.stringify(made)).not.toContain('*');
  });

  it('are assigned at each service and vault itself, in whatever subscription', () => {
    const deployment = run();
    const names = new Map(
      of(deployment, DEFINITION).map((one) => [one.name, textOf(one, 'roleName')]),
    );
    const shown = assigned(deployment).map((one) => {
      const [scope = '', guid = ''] = one.split(' ');
      return [scope, ...(names.get(guid) ?? '').split(' ').slice(2)].join(' ');
    });
    const expected = ROLES.filter(
      ({ actions, dataActions }) => actions.length + dataActions.length > 0,
    ).flatMap(({ task, at }) =>
      at === 'subscription'
        ? [HOME, AWAY].map((id) => `/subscriptions/${id} ${task} ${at}`)
        : [`${SCOPES[at] ?? ''} ${task} ${at}`],
    );
    expect(shown.sort()).toEqual(expected.sort());
  });

  it('have a condition where they let roles be given: one role, to services alone', () => {
    const conditions = of(run(), ASSIGNMENT)
      .map((one) => textOf(one, 'condition'))
      .filter((one) => one !== '');
    expect(conditions).toHaveLength(1);
    expect(delegateRole(RBAC_VAULT, GIVEN_ROLE.guid)).toContain(
      `--condition "${conditions.join()}"`,
    );
  });

  test.each([
    ['service', { name: 'contoso-gw' }],
    ['vault', { name: 'contoso-kv', permissions: null }],
    ['subscription', {}],
  ])('at a %s keep the condition that they come with, and need none', (place, params) => {
    const scope = new ScopeHandle({
      tenantId: '11111111-1111-1111-1111-111111111111',
      subscriptionId: HOME,
      ...(place === 'subscription' ? {} : { resourceGroup: 'rg', location: 'westeurope' }),
    });
    const roles = ['', 'one role only'].map((condition, index) => ({
      ...{ at: place, role: `${String(index)}0000000-0000-0000-0000-000000000000`, condition },
    }));
    const deployment = deploy(path.join(ROOT, `infra/roles/at-${place}.bicep`), {
      scope,
      params: { ...params, principalId: PRINCIPAL, roles },
    });
    expect(of(deployment, ASSIGNMENT).map(properties)).toMatchObject([
      { condition: null, conditionVersion: null },
      { condition: 'one role only', conditionVersion: '2.0' },
    ]);
  });

  it('leave a vault with access policies to its policies, and those of others as they are', () => {
    const policies = of(run(), 'Microsoft.KeyVault/vaults/accessPolicies');
    expect(policies.map(({ id }) => id)).toEqual([`${POLICY_VAULT}/accessPolicies/add`]);
    expect(policies.map(properties)).toMatchObject([
      {
        accessPolicies: [
          {
            objectId: PRINCIPAL,
            permissions: {
              certificates: ['get', 'list', 'import', 'recover'],
              secrets: ['get'],
              keys: ['sign'],
            },
          },
        ],
      },
    ]);
  });

  it('are fewer for fewer tasks, and none is made for a kind that is not there', () => {
    const kinds = (params: Record<string, Value>) =>
      of(run(params), DEFINITION).map((one) =>
        textOf(one, 'roleName').split(' ').slice(2).join(' '),
      );
    expect(kinds({ tasks: [] })).toEqual([
      'report service',
      'report rbacVault',
      'report policyVault',
    ]);
    expect(
      kinds({ tasks: ['upload'], vaults: [{ id: RBAC_VAULT, accessPolicies: false }] }),
    ).toEqual(['report service', 'report rbacVault', 'upload rbacVault']);
  });

  it('have names of their own in each installation of a tenant', () => {
    const names = (deployment: Deployment) =>
      of(deployment, DEFINITION).flatMap((one) => [one.name, textOf(one, 'roleName')]);
    const all = [
      ...names(run()),
      ...names(run({ installation: 'fabrikam' })),
      ...names(run({}, 'rg-another')),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(names(run())).toEqual(names(run()));
  });
});

describe('built-in roles in their place', () => {
  const deployment = run({ builtInRoles: true });

  it('are assigned once each, and none is made', () => {
    expect(of(deployment, DEFINITION)).toEqual([]);
    const all = assigned(deployment);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(`${SERVICE} 312a565d-c81f-4fd8-895a-4e21e48d571c`);
  });

  test.each(ROLES.map((role) => [`${role.task} ${role.at}`, role] as const))(
    'allow all that %s does',
    (_, { actions, dataActions, builtIns }) => {
      const permissions = builtInRoles
        .filter(({ name }) => builtIns.includes(name))
        .flatMap((role) => role.permissions);
      const allows = (wanted: string, plane: 'actions' | 'dataActions'): boolean =>
        permissions.some((one) => one[plane].some((pattern) => covers(pattern, wanted)));
      expect(actions.filter((one) => !allows(one, 'actions'))).toEqual([]);
      expect(dataActions.filter((one) => !allows(one, 'dataActions'))).toEqual([]);
    },
  );
});

it('docs/permissions.md names every right of every task, and no other', () => {
  const text = readFileSync(path.join(ROOT, 'docs/permissions.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+)` +\| `([a-zA-Z]+)` +\|/gm)].map(
    ([, right = '', task = '']) => `${task} ${right}`,
  );
  const rights = ROLES.flatMap(({ task, actions, dataActions, certificates, secrets, keys }) =>
    [
      ...[...actions, ...dataActions].map((one) =>
        one.replace(/^Microsoft\.(ApiManagement|KeyVault|Authorization)\//, ''),
      ),
      ...certificates.map((one) => `certificates ${one}`),
      ...secrets.map((one) => `secrets ${one}`),
      ...keys.map((one) => `keys ${one}`),
    ].map((one) => `${task} ${one}`),
  );
  expect(rows.sort()).toEqual([...new Set(rights)].sort());
});
