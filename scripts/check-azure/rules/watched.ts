import type { Rule } from '../finding.ts';
import { deployed, inTemplate } from './support.ts';

/** What holds photographs, results or code, and the category of its log that says who was at it. */
const logged: Readonly<Record<string, string>> = {
  'Microsoft.Storage/storageAccounts/blobServices': 'StorageRead',
  'Microsoft.Sql/servers/databases': 'SQLSecurityAuditEvents',
  'Microsoft.CognitiveServices/accounts': 'Audit',
};

interface Setting {
  readonly properties?: {
    readonly logs?: readonly { readonly category: string; readonly enabled: boolean }[];
  };
}

export const watched: Rule = {
  id: 'watched',
  why: 'What somebody does past the app, with a token of his own, stands in no trail but in the log of the service.',
  *check(context) {
    for (const { scenario, resource } of deployed(context)) {
      const category = logged[resource.type];
      if (category === undefined) continue;
      const here = scenario.resources.filter(({ active, id }) =>
        active ? id.toLowerCase().startsWith(`${resource.id}/`.toLowerCase()) : false,
      );
      const settings = scenario.resources.filter(
        ({ active, type, body }) =>
          active &&
          type === 'Microsoft.Insights/diagnosticSettings' &&
          resource.id.toLowerCase().endsWith(`/providers/${String(body.scope)}`.toLowerCase()),
      );
      const isLogged = settings.some(({ body }) =>
        ((body as Setting).properties?.logs ?? []).some((log) => log.category === category && log.enabled),
      );
      if (!isLogged)
        yield {
          path: inTemplate(resource.path),
          problem: `no diagnostic setting sends its ${category} to the workspace`,
          remedy: `Declare a Microsoft.Insights/diagnosticSettings with this scope. Seen with ${scenario.name}.`,
        };
      const isDatabase = resource.type === 'Microsoft.Sql/servers/databases';
      if (isDatabase && !here.some(({ type }) => /\/extendedAuditingSettings$/.test(type)))
        yield {
          path: inTemplate(resource.path),
          problem: 'is not audited',
          remedy: `Declare its extendedAuditingSettings: the category is empty without. Seen with ${scenario.name}.`,
        };
    }
  },
};
