import { ExpressionError } from './parse.ts';
import type { ArmFunction } from './text-functions.ts';
import { text } from './values.ts';

/** The subscription and resource group that the sample deployment goes to. */
export const sample = {
  subscription: '11111111-1111-4111-8111-111111111111',
  tenant: '22222222-2222-4222-8222-222222222222',
  group: 'rg-sample',
  location: 'westeurope',
} as const;

const subscriptionScope = `/subscriptions/${sample.subscription}`;
const groupScope = `${subscriptionScope}/resourceGroups/${sample.group}`;

/**
 * The id of a resource: `idOf(scope, 'Microsoft.Web/sites/config', ['app', 'web'])`.
 *
 * @throws {ExpressionError} when types and names differ in number
 */
function idOf(scope: string, type: string, names: readonly string[]): string {
  const [provider, ...types] = type.split('/');
  if (types.length !== names.length)
    throw new ExpressionError(
      `${type} wants ${types.length} name(s), got ${names.length}: ${names.join(', ')}`,
    );
  const parts = types.map((part, index) => `${part}/${names[index]}`);
  return `${scope}/providers/${provider}/${parts.join('/')}`;
}

/** The id of a resource of the template; `scope` is what an extension resource stands on, as the template writes it. */
export function declaredId(type: string, name: string, scope?: string): string {
  const base = scope === undefined ? groupScope : `${groupScope}/providers/${scope}`;
  return idOf(base, type, name.split('/'));
}

const names = (args: readonly unknown[], who: string) => args.map((value) => text(value, who));

export const resourceFunctions: Readonly<Record<string, ArmFunction>> = {
  resourceId: (args) => {
    const parts = names(args, 'resourceId');
    const type = parts.findIndex((part) => part.includes('/'));
    return idOf(groupScope, parts[type] ?? '', parts.slice(type + 1));
  },
  subscriptionResourceId: (args) => {
    const [type = '', ...rest] = names(args, 'subscriptionResourceId');
    return idOf(subscriptionScope, type, rest);
  },
  extensionResourceId: (args) => {
    const [scope = '', type = '', ...rest] = names(args, 'extensionResourceId');
    return idOf(scope, type, rest);
  },
  resourceGroup: () => ({ id: groupScope, name: sample.group, location: sample.location }),
  subscription: () => ({
    id: subscriptionScope,
    subscriptionId: sample.subscription,
    tenantId: sample.tenant,
    displayName: 'sample',
  }),
  tenant: () => ({ tenantId: sample.tenant }),
  environment: () => ({
    name: 'AzureCloud',
    suffixes: { storage: 'core.windows.net', sqlServerHostname: '.database.windows.net' },
    authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
  }),
};
