import type { Deployed } from '../arm/expand.ts';
import type { Scenario } from '../arm/scenarios.ts';
import type { Context } from '../finding.ts';

const TEMPLATE = 'azuredeploy.json';

/** A place in the template: `azuredeploy.json resources[3].properties.x`. */
export const inTemplate = (...path: string[]): string =>
  `${TEMPLATE} ${path.filter((part) => part !== '').join('.')}`;

/** Every resource that some scenario deploys, with that scenario. */
export function* deployed(
  context: Context,
  type?: string,
): Generator<{ scenario: Scenario; resource: Deployed }> {
  for (const scenario of context.scenarios)
    for (const resource of scenario.resources)
      if (resource.active && (type === undefined || resource.type === type)) yield { scenario, resource };
}

/** The last part of a resource's name. */
export const lastName = (resource: Deployed): string => resource.name.split('/').at(-1) ?? '';

/** The evaluated app settings of a scenario, by name; empty when there are none. */
export function settingsOf(scenario: Scenario): Readonly<Record<string, unknown>> {
  const found = scenario.resources.find(
    (resource) => resource.type === 'Microsoft.Web/sites/config' && lastName(resource) === 'appsettings',
  );
  return (found?.body.properties ?? {}) as Record<string, unknown>;
}

/** A value as a person would read it. */
export const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
