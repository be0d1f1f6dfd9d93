import { fixedName, type ResourceTypes } from './resource-type.ts';

const versions = ['2024-01-01', '2025-06-01', '2026-04-01'];
const lowerName = [
  /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
  '3 to 63 lower-case letters, digits and single hyphens',
] as const;
const erasure = 'erasure is only true when nothing keeps a second copy of what was deleted';

/** Limits: Azure naming rules; refused values: the storage provider's documentation. */
export const storageTypes: ResourceTypes = {
  'Microsoft.Storage/storageAccounts': {
    versions,
    name: [/^[a-z0-9]{3,24}$/, '3 to 24 lower-case letters and digits'],
    required: [
      'location',
      'kind',
      'sku.name',
      'properties.minimumTlsVersion',
      'properties.networkAcls.defaultAction',
    ],
    allowed: {
      kind: ['StorageV2'],
      'sku.name': ['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_GZRS'],
      'properties.networkAcls.defaultAction': ['Allow', 'Deny'],
    },
    demands: {
      'properties.allowSharedKeyAccess': {
        value: false,
        why: 'a key opens everything to whoever finds it',
      },
      'properties.allowBlobPublicAccess': { value: false, why: 'photographs are never public' },
      'properties.minimumTlsVersion': { value: 'TLS1_2', why: 'older TLS can be read' },
      'properties.supportsHttpsTrafficOnly': { value: true, why: 'plain HTTP can be read' },
      'properties.networkAcls.bypass': {
        value: 'AzureServices',
        why: 'Event Grid delivers through the firewall as a trusted service',
      },
    },
  },
  'Microsoft.Storage/storageAccounts/blobServices': {
    versions,
    name: fixedName('default'),
    required: ['properties'],
    demands: {
      'properties.deleteRetentionPolicy.enabled': { value: false, why: erasure },
      'properties.containerDeleteRetentionPolicy.enabled': { value: false, why: erasure },
      'properties.isVersioningEnabled': { value: false, why: erasure },
      'properties.changeFeed.enabled': { value: false, why: erasure },
      'properties.restorePolicy.enabled': { value: false, why: erasure },
    },
  },
  'Microsoft.Storage/storageAccounts/blobServices/containers': {
    versions,
    name: lowerName,
    required: ['properties.publicAccess'],
    demands: { 'properties.publicAccess': { value: 'None', why: 'photographs are never public' } },
  },
  'Microsoft.Storage/storageAccounts/queueServices': {
    versions,
    name: fixedName('default'),
    required: ['properties'],
  },
  'Microsoft.Storage/storageAccounts/queueServices/queues': {
    versions,
    name: lowerName,
    required: ['properties'],
  },
  'Microsoft.Storage/storageAccounts/tableServices': {
    versions,
    name: fixedName('default'),
    required: ['properties'],
  },
  'Microsoft.Storage/storageAccounts/tableServices/tables': {
    versions,
    name: [/^[A-Za-z][A-Za-z0-9]{2,62}$/, '3 to 63 letters and digits, a letter first'],
    required: ['properties'],
  },
  'Microsoft.Storage/storageAccounts/managementPolicies': {
    versions,
    name: fixedName('default'),
    required: ['properties.policy.rules'],
    range: {
      'properties.policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan': [
        1, 36_500,
      ],
    },
  },
};
