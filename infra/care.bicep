// What an installation needs where the vaults and services are: roles, and each vault's events. It runs
// after the code is deployed, since an event subscription wants its function to be there, and apart
// from main.bicep, so that `azd down` does not take the resource groups of others for its own.
targetScope = 'subscription'

@description('Name of the installation.')
@minLength(1)
@maxLength(40)
param installation string

@description('The resource group of the installation.')
param resourceGroupName string

@description('Tags of what is created.')
param tags object = {}

@description('Object id of the identity of the app.')
param principalId string

@description('Resource id of the function app.')
param functionId string

@description('Resource id of its storage account.')
param storageId string

@description('Container for events that could not be delivered.')
param deadLetterContainer string

@description('Id of the action group that alerts go to; empty for none.')
param actionGroupId string = ''

@description('A vault under care, as it was found.')
type vaultType = {
  @description('Its resource id.')
  id: string

  @description('Whether access policies guard it, and not roles.')
  accessPolicies: bool

  @description('Name of the system topic that it already has; empty for none.')
  topicName: string

  @description('The resource group of that topic.')
  topicGroup: string

  @description('Whether that topic has an identity of its own, which dead letters need.')
  keepsDeadLetters: bool
}

@description('The vaults under care.')
param vaults vaultType[]

@description('Resource ids of the services under care.')
param services string[]

@description('What Certkeeper is to do besides reporting; roles/roles.bicep has the same list.')
type taskType =
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
param tasks taskType[] = ['rotate']

@description('Built-in roles, which allow more, for those who may not define any.')
param builtInRoles bool = false

@description('Whether roles are given here. false: somebody else gives them.')
param givesRoles bool = true

var subscriptionName = 'certkeeper-${uniqueString(functionId)}'
var allTags = union(tags, { certkeeper: installation })

module roles 'roles/roles.bicep' = if (givesRoles) {
  name: 'certkeeper-roles'
  scope: resourceGroup(resourceGroupName)
  params: {
    installation: installation
    principalId: principalId
    vaults: map(vaults, vault => { id: vault.id, accessPolicies: vault.accessPolicies })
    services: services
    tasks: tasks
    builtInRoles: builtInRoles
  }
}

module events 'modules/vault-events.bicep' = [
  for vault in vaults: {
    name: 'certkeeper-${uniqueString(vault.id, functionId)}'
    scope: resourceGroup(split(vault.id, '/')[2], split(vault.id, '/')[4])
    params: {
      vaultName: last(split(vault.id, '/'))
      tags: allTags
      topicName: vault.topicName
      topicGroup: vault.topicGroup
      keepsDeadLetters: vault.keepsDeadLetters
      subscriptionName: subscriptionName
      functionId: functionId
      storageId: storageId
      deadLetterContainer: deadLetterContainer
      actionGroupId: actionGroupId
    }
  }
]
