import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The commands of the Azure CLI that the documents use, written as its reference does (learn.microsoft.com/cli/azure):
 * in brackets what may be left out. A command that is not in this list has not been looked up.
 */
const AZ: Readonly<Record<string, string>> = {
  'ad app create': '--display-name [--sign-in-audience] [--enable-id-token-issuance] [--web-redirect-uris]',
  'ad app federated-credential create': '--id --parameters',
  'ad group show': '--group',
  'ad sp create': '--id',
  'ad sp update': '--id [--set]',
  'cognitiveservices account purge': '--location --resource-group --name',
  'deployment group create': '--resource-group [--template-file] [--name] [--parameters]',
  'deployment group show': '--resource-group --name',
  'functionapp deployment source config-zip': '--resource-group --name --src',
  'functionapp keys list': '--resource-group --name',
  'functionapp start': '--resource-group --name',
  'functionapp stop': '--resource-group --name',
  'group create': '--name --location',
  'group delete': '--name',
  'provider register': '--namespace [--wait]',
  'role assignment create': '--role --scope [--assignee]',
  'sql server firewall-rule create': '--resource-group --server --name --start-ip-address --end-ip-address',
  'sql server firewall-rule delete': '--resource-group --server --name',
  'storage account show': '--name [--resource-group]',
  'storage blob upload-batch': '--destination --source [--auth-mode] [--account-name] [--destination-path]',
};

const EVERYWHERE = ['--query', '--output'];
const WITHOUT_VALUE = ['--wait'];
/** Made by a command that stands before. */
const MADE = ['imaginem.zip', 'photos'];

/** What the commands may name. */
export interface Project {
  readonly root: string;
  /** Parameters of azuredeploy.json. */
  readonly parameters: readonly string[];
}

/** What is wrong with a command of az, given without the word `az`; empty where nothing is. */
export function azFaults(words: readonly string[], { root, parameters }: Project): string[] {
  const first = words.findIndex((word) => word.startsWith('-'));
  const name = words.slice(0, first < 0 ? words.length : first).join(' ');
  const known = AZ[name]?.split(' ');
  if (known === undefined) return [`"az ${name}" is not in test/docs/az.ts: look it up.`];
  const flags = [...known.map((flag) => flag.replace(/[[\]]/g, '')), ...EVERYWHERE];
  const given = valuesByFlag(words.slice(name.split(' ').length));
  const faults = known
    .filter((flag) => !flag.startsWith('[') && !given.has(flag))
    .map((flag) => `${flag} is missing.`);
  for (const [flag, values] of given) {
    if (!flags.includes(flag)) faults.push(`"az ${name}" has no ${flag}.`);
    if (values.length === 0 && !WITHOUT_VALUE.includes(flag)) faults.push(`${flag} has no value.`);
    const files = /^--(template-file|src|source)$/.test(flag) ? values : [];
    for (const file of files)
      if (!MADE.includes(file) && !existsSync(join(root, file))) faults.push(`there is no file ${file}.`);
    const assigned = name === 'deployment group create' && flag === '--parameters' ? values : [];
    for (const [parameter = ''] of assigned.map((value) => value.split('=')))
      if (!parameters.includes(parameter) && !existsSync(join(root, parameter)))
        faults.push(`azuredeploy.json has no parameter "${parameter}".`);
  }
  return faults;
}

function valuesByFlag(words: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let flag = '';
  for (const word of words) {
    if (word.startsWith('--')) {
      flag = word;
      found.set(flag, []);
    } else found.get(flag)?.push(word);
  }
  return found;
}
