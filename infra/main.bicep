// An installation of Certkeeper, in a resource group of its own. Nothing outside of it is touched
// here: `azd down` deletes every resource group that its deployment wrote to. What Certkeeper needs
// in the groups of vaults and services is in care.bicep, which runs once the code is deployed.
targetScope = 'subscription'

import { settingsType } from 'modules/settings.bicep'

@description('Name of the installation: of its resource group, its roles, its application in Entra.')
@minLength(1)
@maxLength(40)
param installation string

@description('Region of everything that is created here.')
param location string

@description('Tags of everything that is created here.')
param tags object = {}

@description('Name of the resource group, which is created if it is not there.')
param resourceGroupName string = 'rg-${installation}'

@description('Resource ids of the vaults under care, in any resource group and subscription of the tenant.')
@minLength(1)
param vaults string[]

@description('Resource ids of the API Management services under care, wherever they are.')
@minLength(1)
param services string[]

@description('How callers of the HTTP API are known.')
@allowed(['entra', 'function-key'])
param authentication string = 'entra'

@description('Application (client) id of the Entra application, with authentication by entra.')
param entraClientId string = ''

@description('Settings of the app, by the names that it gives them; those left empty keep their defaults.')
param settings settingsType = {}

@description('Addresses and keys of the places that CERTKEEPER_NOTIFY names, as Key Vault references.')
param placeSettings { *: string } = {}

@description('Version of Node; 22 where 24 is not offered yet.')
@allowed(['24', '22'])
param nodeVersion string = '24'

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('How many instances there may be.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Redundancy of the storage account, which holds the ledger.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_LRS'

@description('For how many days a deleted blob can be brought back.')
@minValue(1)
@maxValue(365)
param blobRecoveryDays int = 14

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('public: no network of its own. new: one is created. existing: the two subnets are given.')
@allowed(['public', 'new', 'existing'])
param network string = 'public'

@description('With a new network: its addresses, 128 of them at least.')
param networkAddresses string = '10.90.0.0/24'

@description('With an existing network: id of the subnet of the app, delegated to Microsoft.App/environments.')
param appSubnetId string = ''

@description('With an existing network: id of the subnet of the private endpoints.')
param endpointSubnetId string = ''

@description('With an existing network: id of the resource group that has the private DNS zones. Empty: they are created.')
param dnsZonesGroupId string = ''

@description('Where orchestrations are kept: storage, or the Durable Task Scheduler.')
@allowed(['storage', 'scheduler-consumption', 'scheduler-dedicated'])
param durableBackend string = 'storage'

@description('From where the Durable Task Scheduler may be reached, by identity, as CIDR ranges.')
param schedulerAllowedAddresses string[] = ['0.0.0.0/0']

@description('E-mail addresses that alerts go to.')
param alertEmails string[] = []

@description('Id of an action group that alerts go to instead. Empty: one is created for the addresses.')
param actionGroupId string = ''

var token = toLower(uniqueString(subscription().id, installation, location))
// Two of one name, in two subscriptions or regions, are two.
var installationId = '${installation}-${token}'
var allTags = union(tags, { 'azd-env-name': installation })
var isPrivate = network != 'public'
var usesScheduler = durableBackend != 'storage'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  name: 'certkeeper-identity'
  scope: group
  params: {
    name: 'id-certkeeper-${token}'
    location: location
    tags: allTags
  }
}

module observability 'modules/observability.bicep' = {
  name: 'certkeeper-observability'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    publisherPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'certkeeper-storage'
  scope: group
  params: {
    name: 'stck${token}'
    location: location
    tags: allTags
    skuName: storageSku
    recoveryDays: blobRecoveryDays
    isPrivate: isPrivate
    principalId: identity.outputs.principalId
  }
}

module eventsTopic 'modules/events-topic.bicep' = {
  name: 'certkeeper-events-topic'
  scope: group
  params: {
    name: 'evgt-certkeeper-${token}'
    location: location
    tags: allTags
    senderPrincipalId: identity.outputs.principalId
  }
}

module newNetwork 'modules/network.bicep' = if (network == 'new') {
  name: 'certkeeper-network'
  scope: group
  params: {
    name: 'vnet-certkeeper-${token}'
    location: location
    tags: allTags
    addresses: networkAddresses
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (isPrivate) {
  name: 'certkeeper-private-endpoints'
  scope: group
  params: {
    storageName: storage.outputs.name
    location: location
    tags: allTags
    subnetId: network == 'new' ? newNetwork!.outputs.endpointSubnetId : endpointSubnetId
    dnsZonesGroupId: dnsZonesGroupId
  }
}

module taskScheduler 'modules/task-scheduler.bicep' = if (usesScheduler) {
  name: 'certkeeper-task-scheduler'
  scope: group
  params: {
    name: 'dts-certkeeper-${token}'
    location: location
    tags: allTags
    skuName: durableBackend == 'scheduler-dedicated' ? 'Dedicated' : 'Consumption'
    allowedAddresses: schedulerAllowedAddresses
    principalId: identity.outputs.principalId
  }
}

module app 'modules/function-app.bicep' = {
  name: 'certkeeper-app'
  scope: group
  params: {
    name: 'func-certkeeper-${token}'
    planName: 'plan-certkeeper-${token}'
    location: location
    tags: allTags
    nodeVersion: nodeVersion
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    subnetId: network == 'new' ? newNetwork!.outputs.appSubnetId : appSubnetId
    insightsConnectionString: observability.outputs.connectionString
    eventsTopicEndpoint: eventsTopic.outputs.endpoint
    schedulerEndpoint: usesScheduler ? taskScheduler!.outputs.endpoint : ''
    schedulerHub: usesScheduler ? taskScheduler!.outputs.hubName : ''
    installationId: installationId
    vaults: vaults
    services: services
    authentication: authentication
    entraClientId: entraClientId
    settings: settings
    placeSettings: placeSettings
  }
  // Its storage is reached through them.
  dependsOn: [privateEndpoints]
}

module alerts 'modules/alerts.bicep' = {
  name: 'certkeeper-alerts'
  scope: group
  params: {
    installation: installation
    location: location
    tags: allTags
    workspaceId: observability.outputs.workspaceId
    emails: alertEmails
    actionGroupId: actionGroupId
  }
}

// What the hooks read, and care.bicep gets from them.
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output CERTKEEPER_INSTALLATION string = installationId
output CERTKEEPER_APP_NAME string = app.outputs.name
output CERTKEEPER_APP_ID string = app.outputs.id
output CERTKEEPER_URL string = app.outputs.url
output CERTKEEPER_PRINCIPAL_ID string = identity.outputs.principalId
output CERTKEEPER_STORAGE_ID string = storage.outputs.id
output CERTKEEPER_DEAD_LETTER_CONTAINER string = storage.outputs.deadLetterContainer
output CERTKEEPER_ACTION_GROUP_ID string = alerts.outputs.actionGroupId
output CERTKEEPER_AUTHENTICATION string = authentication
