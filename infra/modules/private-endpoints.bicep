// Storage, reached through the network alone: an endpoint and a DNS zone for each of its services.

param storageName string
param location string
param tags object
param subnetId string

@description('Id of the resource group that has the DNS zones. Empty: they are created here.')
param dnsZonesGroupId string

var kinds = ['blob', 'queue', 'table']
var zoneNames = map(kinds, kind => 'privatelink.${kind}.${environment().suffixes.storage}')
var createsZones = empty(dnsZonesGroupId)
var networkId = split(subnetId, '/subnets/')[0]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource zones 'Microsoft.Network/privateDnsZones@2020-06-01' = [
  for zone in zoneNames: if (createsZones) {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = [
  for (zone, index) in zoneNames: if (createsZones) {
    parent: zones[index]
    name: 'certkeeper'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkId
      }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for kind in kinds: {
    name: 'pe-${storageName}-${kind}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: subnetId
      }
      privateLinkServiceConnections: [
        {
          name: kind
          properties: {
            privateLinkServiceId: account.id
            groupIds: [kind]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (zone, index) in zoneNames: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: kinds[index]
          properties: {
            privateDnsZoneId: createsZones
              ? zones[index].id
              : '${dnsZonesGroupId}/providers/Microsoft.Network/privateDnsZones/${zone}'
          }
        }
      ]
    }
  }
]
