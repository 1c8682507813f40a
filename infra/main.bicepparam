using 'main.bicep'

// Everything comes from the azd environment: `azd env set NAME value`. docs/deploy.md lists the names.

var name = readEnvironmentVariable('AZURE_ENV_NAME', 'certkeeper')

param installation = name
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param tags = json(readEnvironmentVariable('CERTKEEPER_TAGS', '{}'))
param resourceGroupName = readEnvironmentVariable('CERTKEEPER_RESOURCE_GROUP', 'rg-${name}')

param vaults = filter(map(split(readEnvironmentVariable('CERTKEEPER_VAULTS', ''), ','), id => trim(id)), id => !empty(id))
param services = filter(map(split(readEnvironmentVariable('CERTKEEPER_SERVICES', ''), ','), id => trim(id)), id => !empty(id))

param authentication = readEnvironmentVariable('CERTKEEPER_AUTH', 'entra')
param entraClientId = readEnvironmentVariable('CERTKEEPER_ENTRA_CLIENT_ID', '')

param nodeVersion = readEnvironmentVariable('CERTKEEPER_NODE_VERSION', '24')
// To the compiler an int() is any number, and not one of those that are allowed.
param instanceMemory = json(readEnvironmentVariable('CERTKEEPER_INSTANCE_MEMORY', '2048'))
param maximumInstances = int(readEnvironmentVariable('CERTKEEPER_MAXIMUM_INSTANCES', '40'))
param storageSku = readEnvironmentVariable('CERTKEEPER_STORAGE_SKU', 'Standard_LRS')
param blobRecoveryDays = int(readEnvironmentVariable('CERTKEEPER_BLOB_RECOVERY_DAYS', '14'))
param logRetentionDays = int(readEnvironmentVariable('CERTKEEPER_LOG_RETENTION_DAYS', '90'))

param network = readEnvironmentVariable('CERTKEEPER_NETWORK', 'public')
param networkAddresses = readEnvironmentVariable('CERTKEEPER_NETWORK_ADDRESSES', '10.90.0.0/24')
param appSubnetId = readEnvironmentVariable('CERTKEEPER_APP_SUBNET_ID', '')
param endpointSubnetId = readEnvironmentVariable('CERTKEEPER_ENDPOINT_SUBNET_ID', '')
param dnsZonesGroupId = readEnvironmentVariable('CERTKEEPER_DNS_ZONES_GROUP_ID', '')

param durableBackend = readEnvironmentVariable('CERTKEEPER_DURABLE_BACKEND', 'storage')
param schedulerAllowedAddresses = split(readEnvironmentVariable('CERTKEEPER_SCHEDULER_ALLOWED_ADDRESSES', '0.0.0.0/0'), ',')

param alertEmails = filter(map(split(readEnvironmentVariable('CERTKEEPER_ALERT_EMAILS', ''), ','), email => trim(email)), email => !empty(email))
param actionGroupId = readEnvironmentVariable('CERTKEEPER_ACTION_GROUP', '')

param settings = {
  CERTKEEPER_ALLOW: readEnvironmentVariable('CERTKEEPER_ALLOW', '')
  CERTKEEPER_GRANT_ACCESS: readEnvironmentVariable('CERTKEEPER_GRANT_ACCESS', '')
  CERTKEEPER_SWEEP_SCHEDULE: readEnvironmentVariable('CERTKEEPER_SWEEP_SCHEDULE', '')
  CERTKEEPER_AUDIT_SCHEDULE: readEnvironmentVariable('CERTKEEPER_AUDIT_SCHEDULE', '')
  CERTKEEPER_AUDIT_KEEP: readEnvironmentVariable('CERTKEEPER_AUDIT_KEEP', '')
  CERTKEEPER_HISTORY_KEEP: readEnvironmentVariable('CERTKEEPER_HISTORY_KEEP', '')
  CERTKEEPER_EXPIRY_DAYS: readEnvironmentVariable('CERTKEEPER_EXPIRY_DAYS', '')
  CERTKEEPER_ON_SUSPECT: readEnvironmentVariable('CERTKEEPER_ON_SUSPECT', '')
  CERTKEEPER_CLEANUP: readEnvironmentVariable('CERTKEEPER_CLEANUP', '')
  CERTKEEPER_CLEANUP_GRACE: readEnvironmentVariable('CERTKEEPER_CLEANUP_GRACE', '')
  CERTKEEPER_CLEANUP_AFTER_RECOVERY: readEnvironmentVariable('CERTKEEPER_CLEANUP_AFTER_RECOVERY', '')
  CERTKEEPER_CLEANUP_DISCOVERED: readEnvironmentVariable('CERTKEEPER_CLEANUP_DISCOVERED', '')
  CERTKEEPER_CLEANUP_MAX_SHARE: readEnvironmentVariable('CERTKEEPER_CLEANUP_MAX_SHARE', '')
  CERTKEEPER_USAGE_MAX_AGE: readEnvironmentVariable('CERTKEEPER_USAGE_MAX_AGE', '')
  CERTKEEPER_CA_OVERLAP: readEnvironmentVariable('CERTKEEPER_CA_OVERLAP', '')
  CERTKEEPER_CA_DOWNTIME: readEnvironmentVariable('CERTKEEPER_CA_DOWNTIME', '')
  CERTKEEPER_REPAIR_REFERENCES: readEnvironmentVariable('CERTKEEPER_REPAIR_REFERENCES', '')
  CERTKEEPER_HOLD_IF_BREAKING: readEnvironmentVariable('CERTKEEPER_HOLD_IF_BREAKING', '')
  CERTKEEPER_APPLICATIONS: readEnvironmentVariable('CERTKEEPER_APPLICATIONS', '')
  CERTKEEPER_KEY_OVERLAP: readEnvironmentVariable('CERTKEEPER_KEY_OVERLAP', '')
  CERTKEEPER_CLASSIC: readEnvironmentVariable('CERTKEEPER_CLASSIC', '')
  CERTKEEPER_CLASSIC_SUBSCRIPTIONS: readEnvironmentVariable('CERTKEEPER_CLASSIC_SUBSCRIPTIONS', '')
  CERTKEEPER_NOTIFY: readEnvironmentVariable('CERTKEEPER_NOTIFY', '')
  OTEL_EXPORTER_OTLP_ENDPOINT: readEnvironmentVariable('OTEL_EXPORTER_OTLP_ENDPOINT', '')
}
param placeSettings = json(readEnvironmentVariable('CERTKEEPER_PLACE_SETTINGS', '{}'))
