import { fixedName, type ResourceTypes } from './resource-type.ts';

const networkName = [
  /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$/,
  '1 to 64 letters, digits, dots, underscores and hyphens',
] as const;

/** The optional virtual network. */
export const networkTypes: ResourceTypes = {
  'Microsoft.Network/virtualNetworks': {
    versions: ['2024-05-01'],
    name: networkName,
    required: ['location', 'properties.addressSpace.addressPrefixes', 'properties.subnets'],
    demands: {
      'properties.subnets.0.properties.delegations.0.properties.serviceName': {
        value: 'Microsoft.App/environments',
        why: 'Flex Consumption joins only a subnet with this delegation',
      },
    },
  },
  'Microsoft.Network/privateDnsZones': {
    versions: ['2024-06-01'],
    name: [/^privatelink\.[a-z]+(\.[a-z]+)+$/, 'the privatelink zone of a service'],
    required: ['location'],
    allowed: { location: ['global'] },
  },
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': {
    versions: ['2024-06-01'],
    name: [/^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/, '1 to 80 letters, digits, dots, underscores and hyphens'],
    required: ['location', 'properties.virtualNetwork.id', 'properties.registrationEnabled'],
    allowed: { location: ['global'], 'properties.registrationEnabled': [false] },
  },
  'Microsoft.Network/privateEndpoints': {
    versions: ['2024-05-01'],
    name: networkName,
    required: [
      'location',
      'properties.subnet.id',
      'properties.privateLinkServiceConnections.0.properties.privateLinkServiceId',
    ],
    allowed: {
      'properties.privateLinkServiceConnections.0.properties.groupIds.0': [
        'blob',
        'queue',
        'table',
        'sqlServer',
        'account',
      ],
    },
  },
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': {
    versions: ['2024-05-01'],
    name: fixedName('default'),
    required: ['properties.privateDnsZoneConfigs.0.properties.privateDnsZoneId'],
  },
};
