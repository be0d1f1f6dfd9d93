import { createHash } from 'node:crypto';
import { ExpressionError } from './parse.ts';
import { sample } from './resource-functions.ts';

const guid = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;

/** Of two identities, two. */
const guidOf = (text: string) =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');

/** What `reference()` shows of each type once it is deployed: the properties that this project may rely on. */
const shapes: Readonly<Record<string, (name: string) => Record<string, unknown>>> = {
  'Microsoft.ManagedIdentity/userAssignedIdentities': (name) => ({
    clientId: guidOf(`client ${name}`),
    principalId: guidOf(`principal ${name}`),
    tenantId: sample.tenant,
  }),
  'Microsoft.Insights/components': () => ({
    ConnectionString: `InstrumentationKey=${guid('5')};IngestionEndpoint=https://sample.in.applicationinsights.azure.com/`,
  }),
  'Microsoft.Storage/storageAccounts': (name) => ({
    primaryEndpoints: Object.fromEntries(
      ['blob', 'queue', 'table'].map((service) => [service, `https://${name}.${service}.core.windows.net/`]),
    ),
  }),
  'Microsoft.CognitiveServices/accounts': (name) => ({
    endpoint: `https://${name}.cognitiveservices.azure.com/`,
  }),
  'Microsoft.Sql/servers': (name) => ({ fullyQualifiedDomainName: `${name}.database.windows.net` }),
  'Microsoft.Web/sites': (name) => ({ defaultHostName: `${name}.azurewebsites.net` }),
};

/**
 * The state of a deployed resource, as `reference()` gives it.
 *
 * @throws {ExpressionError} for a type of which nothing is known
 */
export function deployedState(
  type: string,
  name: string,
  body: Record<string, unknown>,
  full: boolean,
): unknown {
  const properties = shapes[type]?.(name);
  if (full)
    return {
      properties: properties ?? {},
      ...(body.identity === undefined
        ? {}
        : { identity: { principalId: guid('6'), tenantId: sample.tenant } }),
    };
  if (properties === undefined)
    throw new ExpressionError(`reference() of a ${type} is not known to this check`);
  return properties;
}
