import type { Rule } from '../finding.ts';
import { resourceTypes } from '../knowledge/all-types.ts';
import { deployed, inTemplate, lastName, shown } from './support.ts';

export const nameRules: readonly Rule[] = [
  {
    id: 'name-limits',
    why: 'Azure refuses a name that is too long or has other characters, half-way through the deployment.',
    *check(context) {
      for (const { scenario, resource } of deployed(context)) {
        const limits = resourceTypes[resource.type]?.name;
        const name = lastName(resource);
        if (limits !== undefined && !limits[0].test(name))
          yield {
            path: inTemplate(resource.path, 'name'),
            problem: `is no name for a ${resource.type}`,
            remedy: `It becomes ${shown(name)} with ${scenario.name}. Use ${limits[1]}.`,
          };
      }
    },
  },
  {
    id: 'subdomain',
    why: "Entra tokens need the account's own subdomain, which follows the rules of host names.",
    *check(context) {
      for (const { scenario, resource } of deployed(context, 'Microsoft.CognitiveServices/accounts')) {
        const properties = resource.body.properties as { customSubDomainName?: unknown } | undefined;
        const name = String(properties?.customSubDomainName ?? '');
        if (!/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/.test(name))
          yield {
            path: inTemplate(resource.path, 'properties.customSubDomainName'),
            problem: 'is no host name',
            remedy: `It becomes ${shown(name)} with ${scenario.name}. Use 2 to 64 lower-case letters, digits and hyphens.`,
          };
      }
    },
  },
  {
    id: 'unique-name',
    why: 'Two resources with one name overwrite each other.',
    *check(context) {
      for (const scenario of context.scenarios) {
        const seen = new Map<string, string>();
        for (const resource of scenario.resources) {
          if (!resource.active) continue;
          const id = resource.id.toLowerCase();
          const other = seen.get(id);
          if (other !== undefined)
            yield {
              path: inTemplate(resource.path, 'name'),
              problem: `the same ${resource.type} is declared in ${other} too`,
              remedy: 'Rename one, or make their conditions exclude each other.',
            };
          seen.set(id, resource.path);
        }
      }
    },
  },
];
