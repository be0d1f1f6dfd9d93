// What azd deploys: a resource group, and in it azuredeploy.json, which stays the one source of the resources.
targetScope = 'subscription'

@description('Name of the azd environment; its first letters and digits are part of the names of everything.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything.')
param location string

@description('Object id of whoever deploys: administers the database unless sqlAdministratorObjectId says otherwise.')
param principalId string

@description('Name of the administrator of the database: a sign-in name, or the name of a group.')
param sqlAdministratorName string

@description('Object id of that administrator; empty: whoever deploys.')
param sqlAdministratorObjectId string = ''

@allowed(['Group', 'User', 'Application'])
param sqlAdministratorType string = 'User'

param pipelineDefinition string
param nodeVersion string
param faceLimitedAccess bool
param deployVirtualNetwork bool
param retentionDays int
param authClientId string

// The template takes eight letters and digits; names are made unique by the resource group, not by these.
var postFix = take(replace(replace(replace(toLower(environmentName), '-', ''), '_', ''), '.', ''), 8)

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-imaginem-${environmentName}'
  location: location
  tags: { 'azd-env-name': environmentName }
}

module app '../azuredeploy.json' = {
  name: 'imaginem'
  scope: group
  params: {
    location: location
    deploymentPostFix: postFix
    pipelineDefinition: pipelineDefinition
    nodeVersion: nodeVersion
    faceLimitedAccess: faceLimitedAccess
    deployVirtualNetwork: deployVirtualNetwork
    retentionDays: retentionDays
    authClientId: authClientId
    sqlAdministratorName: sqlAdministratorName
    sqlAdministratorObjectId: empty(sqlAdministratorObjectId) ? principalId : sqlAdministratorObjectId
    sqlAdministratorType: sqlAdministratorType
  }
}

// azd keeps each as a variable of the environment; azure.yaml, its hooks and people read them there.
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = app.outputs.functionAppName
output FUNCTION_APP_HOST_NAME string = app.outputs.functionAppHostName
output SIGN_IN_REDIRECT_URI string = app.outputs.signInRedirectUri
output INPUT_CONTAINER_URL string = app.outputs.inputContainerUrl
output STORAGE_ACCOUNT_NAME string = app.outputs.storageAccountName
output SQL_SERVER_FQDN string = app.outputs.sqlServerFqdn
output SQL_DATABASE_NAME string = app.outputs.sqlDatabaseName
output IDENTITY_NAME string = app.outputs.identityName
output CREATE_DATABASE_USER_STATEMENT string = app.outputs.createDatabaseUserStatement
output VIRTUAL_NETWORK_DEPLOYED bool = deployVirtualNetwork
