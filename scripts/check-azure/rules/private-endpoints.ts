import type { Deployed } from '../arm/expand.ts';
import type { Scenario } from '../arm/scenarios.ts';
import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { deployed, inTemplate, shown } from './support.ts';

/** Services that the private edition takes off the internet, with how each says so. */
const closed: Readonly<Record<string, readonly [path: string, value: string, groups: readonly string[]]>> = {
  'Microsoft.Storage/storageAccounts': [
    'properties.networkAcls.defaultAction',
    'Deny',
    ['blob', 'queue', 'table'],
  ],
  'Microsoft.Sql/servers': ['properties.publicNetworkAccess', 'Disabled', ['sqlServer']],
  'Microsoft.CognitiveServices/accounts': ['properties.publicNetworkAccess', 'Disabled', ['account']],
};

/** How the name of the zone begins in which a group's private addresses are looked up. Source: Azure Private Link, DNS. */
const zones: Readonly<Record<string, string>> = {
  blob: 'privatelink.blob.',
  queue: 'privatelink.queue.',
  table: 'privatelink.table.',
  sqlServer: 'privatelink.database.',
  account: 'privatelink.cognitiveservices.',
};

interface Connection {
  readonly properties: { readonly privateLinkServiceId: string; readonly groupIds: readonly string[] };
}

export const privateEndpoints: Rule = {
  id: 'private-endpoint',
  why: 'A network edition that leaves one service open is open; one that closes a service without an endpoint is broken.',
  *check(context) {
    if (context.template.parameters.deployVirtualNetwork?.defaultValue !== true)
      yield {
        path: inTemplate('parameters.deployVirtualNetwork.defaultValue'),
        problem: 'is not true',
        remedy: 'Write true: private is what somebody gets who chooses nothing.',
      };
    for (const scenario of context.scenarios) {
      const active = scenario.resources.filter((resource) => resource.active);
      const links = active
        .filter((resource) => resource.type === 'Microsoft.Network/privateEndpoints')
        .flatMap(
          (resource) => (at(resource.body, 'properties.privateLinkServiceConnections') ?? []) as Connection[],
        )
        .map(({ properties }) =>
          `${properties.privateLinkServiceId} ${properties.groupIds.join()}`.toLowerCase(),
        );
      const wanted = scenario.parameters.deployVirtualNetwork === true;
      for (const resource of active) {
        const rule = closed[resource.type];
        if (rule === undefined) continue;
        const [path, value, groups] = rule;
        const isClosed = at(resource.body, path) === value;
        if (isClosed !== wanted)
          yield {
            path: inTemplate(resource.path, path),
            problem: `is ${shown(at(resource.body, path))} with deployVirtualNetwork=${wanted}`,
            remedy: wanted
              ? `Write ${value}: the network edition is private.`
              : 'Leave it open: the app has no other way in.',
          };
        // Of an account without queues and tables only its blobs are asked for.
        const used = groups.filter((group) => group === 'blob' || !onlyBlobs(resource, active));
        for (const group of used)
          if (wanted && !links.includes(`${resource.id} ${group}`.toLowerCase()))
            yield {
              path: inTemplate(resource.path),
              problem: `has no private endpoint for ${group}`,
              remedy: `Declare one, or the app cannot reach it. Seen with ${scenario.name}.`,
            };
      }
    }
    for (const { scenario, resource } of deployed(context, 'Microsoft.Network/privateEndpoints'))
      for (const problem of withoutName(resource, scenario))
        yield {
          path: inTemplate(resource.path),
          problem,
          remedy: `Without it the name stands for the public address, which is closed. Seen with ${scenario.name}.`,
        };
    for (const { scenario, resource } of deployed(context, 'Microsoft.Web/sites')) {
      const joined = at(resource.body, 'properties.virtualNetworkSubnetId') !== null;
      if (joined !== (scenario.parameters.deployVirtualNetwork === true))
        yield {
          path: inTemplate(resource.path, 'properties.virtualNetworkSubnetId'),
          problem: `the app ${joined ? 'joins' : 'does not join'} the network`,
          remedy: `Join it exactly when deployVirtualNetwork is true. Seen with ${scenario.name}.`,
        };
    }
  },
};

const onlyBlobs = ({ id, type }: Deployed, all: readonly Deployed[]): boolean =>
  type === 'Microsoft.Storage/storageAccounts' &&
  !all.some(
    (one) =>
      /\/(queue|table)Services$/.test(one.type) && one.id.toLowerCase().startsWith(`${id}/`.toLowerCase()),
  );

/** What keeps the app from finding an endpoint by the name of its service. */
function* withoutName(endpoint: Deployed, { resources }: Scenario): Generator<string> {
  const below = (type: string, id: string) =>
    resources.filter(
      (one) => one.active && one.type === type && one.id.toLowerCase().startsWith(`${id}/`.toLowerCase()),
    );
  const [connection] = (at(endpoint.body, 'properties.privateLinkServiceConnections') ?? []) as Connection[];
  const group = connection?.properties.groupIds[0] ?? '';
  const ids = below('Microsoft.Network/privateEndpoints/privateDnsZoneGroups', endpoint.id)
    .map(({ body }) => at(body, 'properties.privateDnsZoneConfigs.0.properties.privateDnsZoneId'))
    .map(String);
  const zone = ids.find((id) =>
    id
      .split('/')
      .at(-1)
      ?.startsWith(zones[group] ?? 'no such zone'),
  );
  if (zone === undefined) yield `is not entered in the private DNS zone of ${group}`;
  else if (below('Microsoft.Network/privateDnsZones/virtualNetworkLinks', zone).length === 0)
    yield `stands in a private DNS zone that no network looks into: ${zone.split('/').at(-1)}`;
}
