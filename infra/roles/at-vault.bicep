targetScope = 'resourceGroup'

metadata description = 'Roles of an identity at one Key Vault, and its access policy where that counts.'

@description('Name of the vault.')
param name string

@description('Object id of the identity.')
param principalId string

@description('Each with the GUID of its definition, and a condition, which may be empty.')
param roles { at: string, role: string, condition: string }[]

@description('Permissions of its access policy; null where roles guard the vault.')
param permissions { certificates: string[], secrets: string[], keys: string[] }?

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: name
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for one in roles: {
    name: guid(vault.id, principalId, one.role)
    scope: vault
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', one.role)
      principalId: principalId
      principalType: 'ServicePrincipal'
      condition: empty(one.condition) ? null : one.condition
      conditionVersion: empty(one.condition) ? null : '2.0'
    }
  }
]

// `add` leaves the policies of others alone. It takes nothing away: a permission that is no longer
// wanted has to be removed by hand.
resource accessPolicy 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = if (permissions != null) {
  parent: vault
  name: 'add'
  properties: {
    accessPolicies: [
      {
        tenantId: subscription().tenantId
        objectId: principalId
        permissions: {
          certificates: permissions.?certificates ?? []
          secrets: permissions.?secrets ?? []
          keys: permissions.?keys ?? []
        }
      }
    ]
  }
}
