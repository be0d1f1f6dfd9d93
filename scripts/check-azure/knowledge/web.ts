import { fixedName, type ResourceTypes } from './resource-type.ts';

const versions = ['2024-04-01', '2024-11-01'];
const scale = 'properties.functionAppConfig.scaleAndConcurrency';
const deployment = 'properties.functionAppConfig.deployment.storage';

/** Flex Consumption takes exactly these memory sizes and, for Node, these versions. */
export const webTypes: ResourceTypes = {
  'Microsoft.Web/serverfarms': {
    versions,
    name: [/^[A-Za-z0-9-]{1,40}$/, '1 to 40 letters, digits and hyphens'],
    required: ['location', 'kind', 'sku.name', 'sku.tier', 'properties.reserved'],
    allowed: { kind: ['functionapp'], 'sku.name': ['FC1'], 'sku.tier': ['FlexConsumption'] },
    demands: { 'properties.reserved': { value: true, why: 'Flex Consumption is Linux only' } },
  },
  'Microsoft.Web/sites': {
    versions,
    name: [
      /^(?=.{2,32}$)[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/,
      '2 to 32 letters, digits and hyphens: the host id is cut at 32, and two apps with one id disturb each other',
    ],
    required: [
      'location',
      'kind',
      'identity.userAssignedIdentities',
      'properties.serverFarmId',
      `${deployment}.value`,
      `${deployment}.authentication.userAssignedIdentityResourceId`,
      `${scale}.maximumInstanceCount`,
      `${scale}.instanceMemoryMB`,
      'properties.functionAppConfig.runtime.name',
      'properties.functionAppConfig.runtime.version',
    ],
    allowed: {
      kind: ['functionapp,linux'],
      'identity.type': ['UserAssigned'],
      [`${deployment}.type`]: ['blobContainer'],
      [`${deployment}.authentication.type`]: ['UserAssignedIdentity'],
      [`${scale}.instanceMemoryMB`]: [512, 2048, 4096],
      'properties.functionAppConfig.runtime.name': ['node'],
      'properties.functionAppConfig.runtime.version': ['22', '24'],
    },
    range: { [`${scale}.maximumInstanceCount`]: [1, 1000] },
    demands: {
      'properties.httpsOnly': { value: true, why: 'plain HTTP can be read' },
      'properties.siteConfig.minTlsVersion': { value: '1.2', why: 'older TLS can be read' },
    },
  },
  'Microsoft.Web/sites/config': {
    versions,
    name: fixedName('appsettings', 'authsettingsV2', 'web'),
    required: ['properties'],
  },
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': {
    versions,
    name: fixedName('scm', 'ftp'),
    required: ['properties.allow'],
    demands: { 'properties.allow': { value: false, why: 'a publishing password is a key' } },
  },
  'Microsoft.Web/sites/extensions': {
    versions: [...versions, '2022-09-01'],
    name: fixedName('onedeploy'),
    required: ['properties.packageUri'],
    demands: {
      'properties.remoteBuild': {
        value: false,
        why: 'the package is complete; a build would replace its parts',
      },
    },
  },
};
