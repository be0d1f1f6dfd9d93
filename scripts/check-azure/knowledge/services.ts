import { fixedName, type ResourceTypes } from './resource-type.ts';

const keys = 'keys do not expire, do not say who used them, and leak';

/** Vision, database, events, identity and monitoring. */
export const serviceTypes: ResourceTypes = {
  'Microsoft.CognitiveServices/accounts': {
    versions: ['2025-06-01', '2026-05-01'],
    name: [/^[A-Za-z0-9][A-Za-z0-9_.-]{1,63}$/, '2 to 64 letters, digits, dots, underscores and hyphens'],
    required: ['location', 'kind', 'sku.name', 'properties.customSubDomainName'],
    allowed: { kind: ['ComputerVision', 'Face'], 'sku.name': ['F0', 'S0', 'S1', 'E0'] },
    demands: { 'properties.disableLocalAuth': { value: true, why: keys } },
  },
  'Microsoft.Sql/servers': {
    versions: ['2023-08-01', '2025-01-01'],
    name: [/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, '1 to 63 lower-case letters, digits and hyphens'],
    required: [
      'location',
      'properties.administrators.login',
      'properties.administrators.sid',
      'properties.administrators.tenantId',
    ],
    allowed: { 'properties.administrators.principalType': ['User', 'Group', 'Application'] },
    demands: {
      'properties.administrators.administratorType': {
        value: 'ActiveDirectory',
        why: 'it is the only type Azure knows',
      },
      'properties.administrators.azureADOnlyAuthentication': {
        value: true,
        why: 'a SQL login is a password that can be stolen',
      },
      'properties.minimalTlsVersion': { value: '1.2', why: 'older TLS can be read' },
    },
  },
  'Microsoft.Sql/servers/databases': {
    versions: ['2023-08-01', '2025-01-01'],
    name: [/^[^<>*%&:\\/?]{1,128}$/, '1 to 128 characters'],
    required: ['location', 'sku.name', 'sku.tier', 'properties.minCapacity'],
    allowed: { 'sku.name': ['GP_S_Gen5'], 'sku.family': ['Gen5'], 'sku.tier': ['GeneralPurpose'] },
    range: { 'properties.autoPauseDelay': [-1, 10_080], 'sku.capacity': [1, 80] },
  },
  'Microsoft.Sql/servers/databases/extendedAuditingSettings': {
    versions: ['2023-08-01'],
    name: fixedName('default'),
    required: ['properties.auditActionsAndGroups', 'properties.predicateExpression'],
    demands: {
      'properties.state': { value: 'Enabled', why: 'what people do past the app stands nowhere else' },
      'properties.isAzureMonitorTargetEnabled': { value: true, why: 'the workspace is where it goes' },
    },
  },
  'Microsoft.Insights/diagnosticSettings': {
    versions: ['2021-05-01-preview'],
    name: [/^[^<>*%&:\\?+/]{1,260}$/, '1 to 260 characters'],
    required: ['scope', 'properties.workspaceId', 'properties.logs.0.category'],
    demands: { 'properties.logs.0.enabled': { value: true, why: 'a setting that is off logs nothing' } },
  },
  'Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies': {
    versions: ['2023-08-01', '2025-01-01'],
    name: fixedName('default'),
    required: ['properties.retentionDays'],
    range: { 'properties.retentionDays': [1, 35] },
    allowed: { 'properties.diffBackupIntervalInHours': [12, 24] },
  },
  'Microsoft.Sql/servers/firewallRules': {
    versions: ['2023-08-01', '2025-01-01'],
    name: fixedName('AllowAllWindowsAzureIps'),
    required: ['properties.startIpAddress', 'properties.endIpAddress'],
    demands: {
      'properties.startIpAddress': {
        value: '0.0.0.0',
        why: "only this pair stands for Azure's own addresses",
      },
      'properties.endIpAddress': { value: '0.0.0.0', why: "only this pair stands for Azure's own addresses" },
    },
  },
  'Microsoft.EventGrid/systemTopics': {
    versions: ['2025-02-15'],
    name: [/^[A-Za-z0-9-]{3,128}$/, '3 to 128 letters, digits and hyphens'],
    required: ['location', 'properties.source', 'properties.topicType', 'identity.type'],
    allowed: {
      'properties.topicType': ['Microsoft.Storage.StorageAccounts'],
      'identity.type': ['SystemAssigned'],
    },
  },
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': {
    versions: ['2025-02-15'],
    name: [/^[A-Za-z0-9-]{3,64}$/, '3 to 64 letters, digits and hyphens'],
    required: ['properties.filter.includedEventTypes', 'properties.filter.subjectBeginsWith'],
    allowed: { 'properties.eventDeliverySchema': ['EventGridSchema'] },
    range: {
      'properties.retryPolicy.maxDeliveryAttempts': [1, 30],
      'properties.retryPolicy.eventTimeToLiveInMinutes': [1, 1440],
    },
  },
  'Microsoft.ManagedIdentity/userAssignedIdentities': {
    versions: ['2023-01-31', '2024-11-30'],
    name: [/^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/, '3 to 128 letters, digits, underscores and hyphens'],
    required: ['location'],
  },
  'Microsoft.Authorization/roleAssignments': {
    versions: ['2022-04-01'],
    name: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a GUID'],
    required: ['properties.roleDefinitionId', 'properties.principalId', 'scope'],
    demands: {
      'properties.principalType': {
        value: 'ServicePrincipal',
        why: 'without it Azure looks up an identity that it may not have heard of yet, and fails',
      },
    },
  },
  'Microsoft.OperationalInsights/workspaces': {
    versions: ['2025-02-01', '2025-07-01'],
    name: [/^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/, '4 to 63 letters, digits and hyphens'],
    required: ['location', 'properties.sku.name'],
    allowed: { 'properties.sku.name': ['PerGB2018'] },
    range: { 'properties.retentionInDays': [30, 730] },
    demands: { 'properties.features.disableLocalAuth': { value: true, why: keys } },
  },
  'Microsoft.Insights/components': {
    versions: ['2020-02-02'],
    name: [/^[^%&\\?/]{1,260}$/, '1 to 260 characters'],
    required: ['location', 'kind', 'properties.Application_Type', 'properties.WorkspaceResourceId'],
    allowed: { kind: ['web'], 'properties.Application_Type': ['web'] },
    demands: { 'properties.DisableLocalAuth': { value: true, why: keys } },
  },
};
