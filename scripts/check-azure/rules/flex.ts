import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { refusedOnFlex, refusedSiteConfig } from '../knowledge/app-settings.ts';
import { deployed, inTemplate, lastName, settingsOf } from './support.ts';

export const flex: Rule = {
  id: 'flex',
  why: 'Flex Consumption says these things in functionAppConfig and refuses them elsewhere.',
  *check(context) {
    for (const { resource } of deployed(context, 'Microsoft.Web/sites/config')) {
      if (lastName(resource) !== 'appsettings') continue;
      for (const name of Object.keys((resource.body.properties ?? {}) as object))
        if (refusedOnFlex.some((pattern) => pattern.test(name)))
          yield {
            path: inTemplate(resource.path, 'properties', name),
            problem: 'is a setting that Flex Consumption refuses',
            remedy: 'Take it out: functionAppConfig of the site says it.',
          };
    }
    for (const { scenario, resource } of deployed(context, 'Microsoft.Web/sites')) {
      for (const name of refusedSiteConfig)
        if (at(resource.body, `properties.siteConfig.${name}`) !== undefined)
          yield {
            path: inTemplate(resource.path, 'properties.siteConfig', name),
            problem: 'does not belong there on Flex Consumption',
            remedy: 'Take it out: use functionAppConfig, or sites/config appsettings for settings.',
          };
      const { value } = (at(resource.body, 'properties.functionAppConfig.deployment.storage') ?? {}) as {
        value?: string;
      };
      const container = value?.split('/').at(-1) ?? '';
      const images = settingsOf(scenario).AzureWebJobsStorage__blobServiceUri;
      if (value !== undefined && new URL(value).origin === images)
        yield {
          path: inTemplate(resource.path, 'properties.functionAppConfig.deployment.storage.value'),
          problem: 'is in the account of the photographs',
          remedy: 'Give the package an account of its own: who administers photographs does not change code.',
        };
      const exists = scenario.resources.some(
        (other) =>
          other.type === 'Microsoft.Storage/storageAccounts/blobServices/containers' &&
          lastName(other) === container,
      );
      if (!exists)
        yield {
          path: inTemplate(resource.path, 'properties.functionAppConfig.deployment.storage.value'),
          problem: `the container "${container}" is not declared`,
          remedy: 'Declare it: the app does not start without a place for its package.',
        };
    }
  },
};
