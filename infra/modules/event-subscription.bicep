// What of a vault's events comes to Certkeeper, and an alert on what could not be delivered.

param topicName string
param vaultName string
param tags object
param name string

@description('The function app; the function in it is named here.')
param functionId string
param storageId string
param deadLetterContainer string
param keepsDeadLetters bool
param actionGroupId string

var deadLetters = {
  identity: {
    type: 'SystemAssigned'
  }
  deadLetterDestination: {
    endpointType: 'StorageBlob'
    properties: {
      resourceId: storageId
      blobContainerName: deadLetterContainer
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

module access 'dead-letter-access.bicep' = if (keepsDeadLetters) {
  name: 'certkeeper-dead-letters-${uniqueString(topic.id)}'
  scope: resourceGroup(split(storageId, '/')[2], split(storageId, '/')[4])
  params: {
    storageName: last(split(storageId, '/'))
    container: deadLetterContainer
    principalId: topic.identity.principalId
    topicId: topic.id
  }
}

resource events 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${functionId}/functions/KeyVaultEvents'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      // Keys and secrets are none of Certkeeper's business.
      includedEventTypes: [
        'Microsoft.KeyVault.CertificateNewVersionCreated'
        'Microsoft.KeyVault.CertificateNearExpiry'
        'Microsoft.KeyVault.CertificateExpired'
        'Microsoft.KeyVault.VaultAccessPolicyChanged'
      ]
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: keepsDeadLetters ? deadLetters : null
  }
  dependsOn: [access]
}

resource undelivered 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'certkeeper-dead-letters-${vaultName}-${last(split(name, '-'))}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Events of the vault ${vaultName} could not be delivered to Certkeeper.'
    severity: 2
    enabled: true
    scopes: [topic.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'undelivered'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: keepsDeadLetters ? 'DeadLetteredCount' : 'DroppedEventCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EventSubscriptionName'
              operator: 'Include'
              values: [events.name]
            }
          ]
        }
      ]
    }
    actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
  }
}
