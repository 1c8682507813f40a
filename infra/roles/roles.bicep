targetScope = 'resourceGroup'

metadata description = 'What Certkeeper may do at vaults and services, and no more: see docs/permissions.md.'

@description('Name of the installation. Two in one tenant have two, or two resource groups.')
@minLength(1)
@maxLength(40)
param installation string

@description('Object id of the identity that Certkeeper runs as.')
param principalId string

@description('A Key Vault under care.')
type vault = {
  @description('Its resource id; any subscription of the tenant.')
  id: string

  @description('Whether access policies guard it, and not roles.')
  accessPolicies: bool
}

@description('The vaults under care.')
param vaults vault[]

@description('Resource ids of the API Management services under care.')
param services string[]

@description('What Certkeeper is to do besides reporting, which it always may.')
type task =
  | 'rotate'
  | 'workspaces'
  | 'applications'
  | 'upload'
  | 'ca'
  | 'grant'
  | 'cleanUp'
  | 'repair'
  | 'deletedVaults'

@description('Each needs rights of its own, and the setting of the app that asks for it.')
param tasks task[] = ['rotate']

@description('Built-in roles, which allow more, for those who may not define any.')
param builtInRoles bool = false

var wanted = filter(loadJsonContent('roles.json'), role => contains(concat(['report'], tasks), role.task))
var kinds = union(
  empty(services) ? [] : ['service'],
  map(vaults, one => one.accessPolicies ? 'policyVault' : 'rbacVault'),
  empty(vaults) ? [] : ['subscription']
)
// The rest of what a vault with access policies needs is in its policies.
var defined = filter(
  wanted,
  role => contains(kinds, role.at) && !empty(concat(role.actions, role.dataActions))
)

var custom = map(defined, role => {
  at: role.at
  role: guid(resourceGroup().id, installation, role.task, role.at)
  condition: role.condition
})
var builtIn = flatten(map(
  wanted,
  role => map(role.builtIns, id => { at: role.at, role: id, condition: role.condition })
))
var builtInKeys = map(builtIn, one => '${one.at} ${one.role}')
// Several tasks may have the same one.
var builtInOnce = filter(builtIn, (one, index) => indexOf(builtInKeys, '${one.at} ${one.role}') == index)
var given = builtInRoles ? builtInOnce : custom

var groups = map(concat(services, map(vaults, one => one.id)), id => join(take(split(id, '/'), 5), '/'))
var subscriptions = contains(tasks, 'deletedVaults')
  ? union([], map(vaults, one => toLower(split(one.id, '/')[2])))
  : []
var subscriptionIds = map(subscriptions, id => '/subscriptions/${id}')
var suffix = take(uniqueString(resourceGroup().id, installation), 5)

var guarded = filter(wanted, role => role.at == 'policyVault')
var policy = {
  certificates: union([], flatten(map(guarded, role => role.certificates)))
  secrets: union([], flatten(map(guarded, role => role.secrets)))
  keys: union([], flatten(map(guarded, role => role.keys)))
}

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in builtInRoles ? [] : defined: {
    name: guid(resourceGroup().id, installation, role.task, role.at)
    properties: {
      roleName: 'Certkeeper ${installation}-${suffix} ${role.task} ${role.at}'
      description: role.description
      type: 'CustomRole'
      permissions: [
        {
          actions: role.actions
          notActions: []
          dataActions: role.dataActions
          notDataActions: []
        }
      ]
      assignableScopes: union([resourceGroup().id], role.at == 'subscription' ? subscriptionIds : groups)
    }
  }
]

module atServices 'at-service.bicep' = [
  for id in services: {
    name: 'certkeeper-roles-${uniqueString(installation, id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      name: last(split(id, '/'))
      principalId: principalId
      roles: filter(given, one => one.at == 'service')
    }
    dependsOn: [definitions]
  }
]

module atVaults 'at-vault.bicep' = [
  for one in vaults: {
    name: 'certkeeper-roles-${uniqueString(installation, one.id)}'
    scope: resourceGroup(split(one.id, '/')[2], split(one.id, '/')[4])
    params: {
      name: last(split(one.id, '/'))
      principalId: principalId
      roles: filter(given, role => role.at == (one.accessPolicies ? 'policyVault' : 'rbacVault'))
      permissions: one.accessPolicies ? policy : null
    }
    dependsOn: [definitions]
  }
]

module atSubscriptions 'at-subscription.bicep' = [
  for id in subscriptions: {
    name: 'certkeeper-roles-${uniqueString(installation, id)}'
    scope: subscription(id)
    params: {
      principalId: principalId
      roles: filter(given, one => one.at == 'subscription')
    }
    dependsOn: [definitions]
  }
]
