import fc from 'fast-check';
import {
  covers,
  decide,
  EVERYONE,
  type EffectiveAssignment,
  type EffectiveDeny,
  type Permission,
  type Question,
} from '../../../local/azure/resource-manager/authorization/effective-permission.ts';
import { allowsByAccessPolicy } from '../../../local/azure/resource-manager/authorization/access-policy.ts';
import { builtInRoles } from '../../../local/azure/resource-manager/authorization/built-in-roles.ts';

const SUBSCRIPTION = '/subscriptions/5eed0000-0000-4000-8000-000000000001';
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-contoso`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const ME = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
const NOW = new Date('2026-11-01T12:00:00Z');

const question: Question = {
  principalId: ME,
  resourceId: VAULT,
  plane: 'dataAction',
  operation: GET_SECRET,
  now: NOW,
};

function permission(parts: Partial<Permission>): Permission {
  return { actions: [], notActions: [], dataActions: [], notDataActions: [], ...parts };
}
function assignment(parts: Partial<EffectiveAssignment>): EffectiveAssignment {
  return {
    scope: VAULT,
    principalId: ME,
    permissions: [permission({ dataActions: [GET_SECRET] })],
    effectiveFrom: NOW,
    ...parts,
  };
}
function deny(parts: Partial<EffectiveDeny>): EffectiveDeny {
  return {
    scope: VAULT,
    doNotApplyToChildScopes: false,
    principals: [ME],
    excludePrincipals: [],
    permissions: [permission({ dataActions: [GET_SECRET] })],
    ...parts,
  };
}
function roleNamed(roleName: string): readonly Permission[] {
  const role = builtInRoles.find((one) => one.roleName === roleName);
  if (role === undefined) throw new Error(`There is no role ${roleName}`);
  return role.permissions;
}

describe('an action string', () => {
  it.each([
    [
      'covers itself in any case',
      'microsoft.keyvault/vaults/READ',
      'Microsoft.KeyVault/vaults/read',
      true,
    ],
    [
      'with a star at the end covers everything below',
      'Microsoft.KeyVault/vaults/*',
      GET_SECRET,
      true,
    ],
    ['that is a star covers everything', '*', GET_SECRET, true],
    ['*/read covers any read', '*/read', 'Microsoft.ApiManagement/service/certificates/read', true],
    ['*/read covers no write', '*/read', 'Microsoft.ApiManagement/service/write', false],
    [
      'with a star in the middle covers several segments',
      'Microsoft.KeyVault/vaults/*/read',
      'Microsoft.KeyVault/vaults/certificates/versions/read',
      true,
    ],
    [
      'with a star in the middle covers none',
      'Microsoft.KeyVault/vaults/*/read',
      'Microsoft.KeyVault/vaults/read',
      true,
    ],
    [
      'does not cover what it begins',
      'Microsoft.KeyVault/vaults',
      'Microsoft.KeyVault/vaults/read',
      false,
    ],
    ['does not let head and tail overlap', 'ab*ba', 'aba', false],
    ['takes a dot as a dot', 'MicrosoftXKeyVault/*', 'Microsoft.KeyVault/vaults', false],
  ])('%s', (_what, pattern, operation, expected) => {
    expect(covers(pattern, operation)).toBe(expected);
  });

  it('made of an operation by replacing any parts with stars covers that operation', () => {
    const segment = fc.stringMatching(/^[a-z.]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(segment, fc.boolean()), { minLength: 1, maxLength: 6 }),
        (parts) => {
          const operation = parts.map(([text]) => text).join('/');
          const pattern = parts.map(([text, star]) => (star ? '*' : text)).join('/');
          expect(covers(pattern, operation)).toBe(true);
        },
      ),
    );
  });
});

describe('effective permission', () => {
  it.each<[string, EffectiveAssignment[], EffectiveDeny[], boolean]>([
    ['is missing without an assignment', [], [], false],
    ['comes from an assignment at the resource', [assignment({})], [], true],
    ['comes from the resource group', [assignment({ scope: GROUP })], [], true],
    ['comes from the subscription', [assignment({ scope: SUBSCRIPTION.toUpperCase() })], [], true],
    ['comes from the root', [assignment({ scope: '/' })], [], true],
    [
      'does not come from a sibling whose name begins alike',
      [assignment({ scope: VAULT.slice(0, -1) })],
      [],
      false,
    ],
    [
      'does not come from a scope below',
      [assignment({ scope: `${VAULT}/secrets/one` })],
      [],
      false,
    ],
    ['does not come from somebody else', [assignment({ principalId: OTHER })], [], false],
    [
      'does not come from actions of the other plane',
      [assignment({ permissions: [permission({ actions: ['*'] })] })],
      [],
      false,
    ],
    [
      'is subtracted by notDataActions of the same role',
      [
        assignment({
          permissions: [permission({ dataActions: ['*'], notDataActions: ['*/getSecret/action'] })],
        }),
      ],
      [],
      false,
    ],
    [
      'is not subtracted by notDataActions of another role',
      [
        assignment({
          permissions: [permission({ dataActions: ['*'], notDataActions: [GET_SECRET] })],
        }),
        assignment({}),
      ],
      [],
      true,
    ],
    [
      'does not come yet while the assignment propagates',
      [assignment({ effectiveFrom: new Date(NOW.getTime() + 1) })],
      [],
      false,
    ],
    ['is taken by a deny assignment', [assignment({})], [deny({})], false],
    [
      'is taken by a deny assignment for everyone above',
      [assignment({})],
      [deny({ scope: GROUP, principals: [EVERYONE] })],
      false,
    ],
    [
      'stays with who is excluded from the deny',
      [assignment({})],
      [deny({ principals: [EVERYONE], excludePrincipals: [ME.toUpperCase()] })],
      true,
    ],
    [
      'stays when the deny is for another action',
      [assignment({})],
      [deny({ permissions: [permission({ dataActions: ['*/setSecret/action'] })] })],
      true,
    ],
    [
      'stays when the deny above does not reach children',
      [assignment({})],
      [deny({ scope: GROUP, doNotApplyToChildScopes: true })],
      true,
    ],
  ])('%s', (_what, assignments, denies, expected) => {
    expect(decide(question, assignments, denies).allowed).toBe(expected);
  });

  it.each([
    ['Key Vault Certificate User', true],
    ['Key Vault Secrets User', true],
    ['Key Vault Secrets Officer', true],
    ['Key Vault Administrator', true],
    ['Key Vault Reader', false],
    ['Key Vault Certificates Officer', false],
    ['Key Vault Contributor', false],
    ['Owner', false],
    ['Contributor', false],
  ])('of %s to read a certificate through its secret: %s', (roleName, expected) => {
    const given = assignment({ permissions: roleNamed(roleName) });
    expect(decide(question, [given], []).allowed).toBe(expected);
  });

  const scopes = fc.constantFrom(
    '/',
    SUBSCRIPTION,
    GROUP,
    VAULT,
    `${VAULT}/secrets/a`,
    `${GROUP}x`,
  );
  const patterns = fc.array(
    fc.constantFrom(
      '*',
      '*/read',
      'Microsoft.KeyVault/*',
      GET_SECRET,
      'Microsoft.KeyVault/vaults/secrets/*',
    ),
    { maxLength: 3 },
  );
  const permissions = fc.array(
    fc.record({
      actions: patterns,
      notActions: patterns,
      dataActions: patterns,
      notDataActions: patterns,
    }),
    { maxLength: 2 },
  );
  const assignments = fc.array(
    fc.record({
      scope: scopes,
      principalId: fc.constantFrom(ME, OTHER),
      permissions,
      effectiveFrom: fc.constantFrom(NOW, new Date(0), new Date(NOW.getTime() + 60_000)),
    }),
    { maxLength: 4 },
  );
  const denies = fc.array(
    fc.record({
      scope: scopes,
      doNotApplyToChildScopes: fc.boolean(),
      principals: fc.array(fc.constantFrom(ME, OTHER, EVERYONE), { maxLength: 2 }),
      excludePrincipals: fc.array(fc.constantFrom(ME, OTHER), { maxLength: 1 }),
      permissions,
    }),
    { maxLength: 2 },
  );

  it('never grows by a deny assignment and never shrinks by an assignment', () => {
    fc.assert(
      fc.property(assignments, assignments, denies, denies, (some, more, few, fewMore) => {
        const before = decide(question, some, few).allowed;
        expect(decide(question, some, [...few, ...fewMore]).allowed && !before).toBe(false);
        expect(before && !decide(question, [...some, ...more], few).allowed).toBe(false);
      }),
    );
  });

  it('does not depend on the order of assignments', () => {
    fc.assert(
      fc.property(assignments, denies, (some, few) => {
        expect(decide(question, some.toReversed(), few.toReversed()).allowed).toBe(
          decide(question, some, few).allowed,
        );
      }),
    );
  });

  it('at a scope includes everything below it', () => {
    fc.assert(
      fc.property(assignments, (some) => {
        const above = decide({ ...question, resourceId: GROUP }, some, []).allowed;
        expect(above && !decide(question, some, []).allowed).toBe(false);
      }),
    );
  });
});

describe('an access policy', () => {
  const TENANT = '5eed0000-0000-4000-8000-00000000000a';
  const vault = (secrets: string[], tenantId = TENANT) => ({
    properties: {
      tenantId: TENANT,
      enableRbacAuthorization: false,
      accessPolicies: [{ tenantId, objectId: ME, permissions: { secrets } }],
      publicNetworkAccess: 'Enabled' as const,
      networkAcls: {
        bypass: 'AzureServices' as const,
        defaultAction: 'Allow' as const,
        ipRules: [],
        virtualNetworkRules: [],
      },
      softDeleteRetentionInDays: 90,
    },
  });
  const getSecret = { kind: 'secrets' as const, permission: 'get' };

  it.each([
    ['grants what it lists, in any case', vault(['List', 'Get']), getSecret, ME, true],
    ['grants everything with "all"', vault(['All']), getSecret, ME.toUpperCase(), true],
    ['grants nothing that it does not list', vault(['list']), getSecret, ME, false],
    ['of another tenant grants nothing', vault(['get'], OTHER), getSecret, ME, false],
    [
      'for secrets grants nothing on certificates',
      vault(['get']),
      { kind: 'certificates' as const, permission: 'get' },
      ME,
      false,
    ],
    ['grants nothing to somebody else', vault(['get']), getSecret, OTHER, false],
  ])('%s', (_what, on, wanted, who, expected) => {
    expect(allowsByAccessPolicy(who, on, wanted)).toBe(expected);
  });
});
