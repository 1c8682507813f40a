import { evaluateCondition } from '../../../local/azure/resource-manager/authorization/condition.ts';

const ROLE = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const WRITE = 'Microsoft.Authorization/roleAssignments/write';
const DELETE = 'Microsoft.Authorization/roleAssignments/delete';
const ME = '5eed0000-0000-4000-8000-0000000000a1';

/** The platform's template "Constrain roles and principal types", as it writes it. */
const TEMPLATE = `
(
 (
  !(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})
 )
 OR
 (
  @Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ROLE}, a795c7a0-d4a2-40c1-ae25-d81f01202912}
  AND
  @Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}
 )
)
AND
(
 (
  !(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})
 )
 OR
 (
  @Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ROLE}}
  AND
  @Resource[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}
 )
)`;
const assignment = (roleDefinitionId: string, principalType = 'ServicePrincipal') => ({
  roleDefinitionId,
  principalId: ME,
  principalType,
});

describe('a condition on delegated role assignments', () => {
  it.each([
    ['lets the named role be given to a service principal', WRITE, assignment(ROLE), true],
    ['in any case of its letters', WRITE, assignment(ROLE.toUpperCase(), 'serviceprincipal'), true],
    ['lets no other role be given', WRITE, assignment(OWNER), false],
    ['lets it be given to nobody else', WRITE, assignment(ROLE, 'User'), false],
    ['lets the named role be taken back', DELETE, assignment(ROLE), true],
    ['lets no other role be taken back', DELETE, assignment(OWNER), false],
    ['lets it be taken from nobody else', DELETE, assignment(ROLE, 'Group'), false],
    ['says nothing of other actions', 'Microsoft.KeyVault/vaults/read', undefined, true],
    ['is open before the assignment is looked at', WRITE, undefined, true],
  ])('%s', (_, operation, attributes, met) => {
    expect(evaluateCondition(TEMPLATE, { operation, assignment: attributes })).toBe(met);
  });

  it.each([
    [`@Request[Microsoft.Authorization/roleAssignments:PrincipalId] GuidEquals ${ME}`, true],
    [`@Resource[Microsoft.Authorization/roleAssignments:PrincipalId] GuidEquals ${ME}`, false],
    [
      `@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {${OWNER}, ${ROLE}}`,
      false,
    ],
    [
      `@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEquals 'ServicePrincipal' || NOT ActionMatches{'x'}`,
      true,
    ],
  ])('may also be written otherwise: %s', (condition, met) => {
    const question = { operation: WRITE, assignment: assignment(ROLE) };
    expect(evaluateCondition(condition, question)).toBe(met);
  });

  it.each([
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'x'",
    '@Request[Microsoft.Authorization/roleAssignments:Elsewhere] GuidEquals {x}',
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringLike 'x*'",
    "((!(ActionMatches{'x'}))",
    '@Environment[utcNow] DateTimeGreaterThan 2026-01-01',
    '',
  ])('is not judged where it holds what is not modelled: %s', (condition) => {
    const question = { operation: WRITE, assignment: assignment(ROLE) };
    expect(evaluateCondition(condition, question)).toBeUndefined();
  });
});
