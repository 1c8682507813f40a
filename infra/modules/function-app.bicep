// The app on Flex Consumption, its settings, and the platform's authentication in front of it.

import { settingsType } from 'settings.bicep'

param name string
param planName string
param location string
param tags object
param nodeVersion string
param instanceMemory int
param maximumInstances int
param identityId string
param identityClientId string
param storageName string
param deploymentContainer string

@description('Subnet of its way out; empty for none.')
param subnetId string
param insightsConnectionString string
param eventsTopicEndpoint string

@description('Of the Durable Task Scheduler; empty where orchestrations are kept in storage.')
param schedulerEndpoint string
param schedulerHub string

@description('What this installation is called at the services under care: unlike any other one.')
param installationId string
param vaults string[]
param services string[]
param authentication string
param entraClientId string
param settings settingsType
param placeSettings object

var usesEntra = authentication == 'entra'
var schedulerSetting = 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'

// Empty ones are left out, so that the app's defaults count.
var chosenSettings = toObject(
  filter(items(settings), setting => !empty(setting.value)),
  setting => setting.key,
  setting => setting.value
)
var ownSettings = {
  AZURE_CLIENT_ID: identityClientId
  CERTKEEPER_AUTH: authentication
  CERTKEEPER_CLOUD: environment().name
  CERTKEEPER_EVENTS_TOPIC: eventsTopicEndpoint
  CERTKEEPER_INSTALLATION: installationId
  CERTKEEPER_SERVICES: join(services, ',')
  CERTKEEPER_VAULTS: join(vaults, ',')
}
// By identity: there is no connection string with a key anywhere.
var hostSettings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
}
// They go before host.json, which names the task hub in storage.
var schedulerSettings = empty(schedulerEndpoint)
  ? {}
  : {
      AzureFunctionsJobHost__extensions__durableTask__hubName: schedulerHub
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: schedulerSetting
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      '${schedulerSetting}': 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}'
    }

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    // Event Grid delivers from outside, and can do so no other way.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
      }
    }
  }
}

// Code is deployed with a token of Entra; the passwords of the past stay off.
resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(chosenSettings, placeSettings, hostSettings, schedulerSettings, ownSettings)
}

// It takes the principal's header out of what comes from outside, and puts in who signed in. It lets
// everybody through, and the app itself refuses: a 401 from here would make Event Grid drop events.
resource authenticationSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: usesEntra
    }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: usesEntra
        registration: {
          clientId: entraClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [entraClientId, 'api://${entraClientId}']
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
  // Two changes of an app's configuration at once would restart it under each other.
  dependsOn: [appSettings]
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
