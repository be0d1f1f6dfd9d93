/**
 * The commands of the Azure CLI that the documents use, each with the flags it takes here. Source: the CLI's reference,
 * learn.microsoft.com/cli/azure. A command that is not in this list has not been looked up.
 */
export const AZ: Readonly<Record<string, readonly string[]>> = {
  login: [],
  'ad app create': [
    '--display-name',
    '--sign-in-audience',
    '--enable-id-token-issuance',
    '--web-redirect-uris',
  ],
  'ad app federated-credential create': ['--id', '--parameters'],
  'ad group show': ['--group'],
  'ad sp create': ['--id'],
  'ad sp update': ['--id', '--set'],
  'cognitiveservices account purge': ['--location', '--resource-group', '--name'],
  'deployment group create': ['--name', '--resource-group', '--template-file', '--parameters', '--what-if'],
  'deployment group show': ['--name', '--resource-group'],
  'functionapp deployment source config-zip': ['--resource-group', '--name', '--src'],
  'functionapp keys list': ['--resource-group', '--name'],
  'functionapp start': ['--resource-group', '--name'],
  'functionapp stop': ['--resource-group', '--name'],
  'group create': ['--name', '--location'],
  'group delete': ['--name'],
  'provider register': ['--namespace', '--wait'],
  'role assignment create': ['--assignee', '--role', '--scope'],
  'sql server firewall-rule create': [
    '--resource-group',
    '--server',
    '--name',
    '--start-ip-address',
    '--end-ip-address',
  ],
  'sql server firewall-rule delete': ['--resource-group', '--server', '--name'],
  'storage account show': ['--resource-group', '--name'],
  'storage blob upload-batch': [
    '--auth-mode',
    '--account-name',
    '--destination',
    '--destination-path',
    '--source',
  ],
};

/** Flags of every command. */
export const AZ_GLOBAL = ['--query', '--output'];

/** Flags without which a command fails. */
export const AZ_REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'ad app create': ['--display-name'],
  'ad app federated-credential create': ['--id', '--parameters'],
  'deployment group create': ['--resource-group', '--template-file'],
  'functionapp deployment source config-zip': ['--resource-group', '--name', '--src'],
  'functionapp keys list': ['--resource-group', '--name'],
  'group create': ['--name', '--location'],
  'provider register': ['--namespace'],
  'role assignment create': ['--assignee', '--role', '--scope'],
  'storage blob upload-batch': ['--destination', '--source', '--account-name', '--auth-mode'],
};
