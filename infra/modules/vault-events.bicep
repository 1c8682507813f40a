// The events of one vault, in the vault's resource group. A vault can have one system topic only:
// another that exists is used as it is.

param vaultName string
param tags object

@description('Name of the system topic that the vault already has; empty for none.')
param topicName string

@description('The resource group of that topic.')
param topicGroup string

@description('Whether dead letters can be kept: the topic has an identity.')
param keepsDeadLetters bool
param subscriptionName string
param functionId string
param storageId string
param deadLetterContainer string
param actionGroupId string

var ownTopicName = 'certkeeper-${uniqueString(vault.id)}'
var usesOwn = empty(topicName)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

module ownTopic 'system-topic.bicep' = if (usesOwn) {
  name: 'certkeeper-topic-${uniqueString(vault.id)}'
  params: {
    name: ownTopicName
    // Where its source is, nowhere else.
    location: vault.location
    tags: tags
    vaultId: vault.id
  }
}

module events 'event-subscription.bicep' = {
  name: 'certkeeper-events-${uniqueString(vault.id, functionId)}'
  scope: resourceGroup(usesOwn ? resourceGroup().name : topicGroup)
  params: {
    topicName: usesOwn ? ownTopicName : topicName
    vaultName: vaultName
    tags: tags
    name: subscriptionName
    functionId: functionId
    storageId: storageId
    deadLetterContainer: deadLetterContainer
    keepsDeadLetters: usesOwn || keepsDeadLetters
    actionGroupId: actionGroupId
  }
  dependsOn: [ownTopic]
}
