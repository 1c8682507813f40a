targetScope = 'resourceGroup'

metadata description = 'Roles of an identity at one API Management service.'

@description('Name of the service.')
param name string

@description('Object id of the identity.')
param principalId string

@description('Each with the GUID of its definition, and a condition, which may be empty.')
param roles { at: string, role: string, condition: string }[]

resource service 'Microsoft.ApiManagement/service@2024-05-01' existing = {
  name: name
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for one in roles: {
    name: guid(service.id, principalId, one.role)
    scope: service
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', one.role)
      principalId: principalId
      principalType: 'ServicePrincipal'
      condition: empty(one.condition) ? null : one.condition
      conditionVersion: empty(one.condition) ? null : '2.0'
    }
  }
]
