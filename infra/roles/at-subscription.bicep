targetScope = 'subscription'

metadata description = 'Roles of an identity at a subscription.'

@description('Object id of the identity.')
param principalId string

@description('Each with the GUID of its definition, and a condition, which may be empty.')
param roles { at: string, role: string, condition: string }[]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for one in roles: {
    name: guid(subscription().id, principalId, one.role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', one.role)
      principalId: principalId
      principalType: 'ServicePrincipal'
      condition: empty(one.condition) ? null : one.condition
      conditionVersion: empty(one.condition) ? null : '2.0'
    }
  }
]
