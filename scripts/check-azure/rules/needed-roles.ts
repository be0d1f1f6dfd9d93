import type { Deployed } from '../arm/expand.ts';
import { deployedState } from '../arm/reference-shapes.ts';
import type { Scenario } from '../arm/scenarios.ts';
import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { type Identity, knownRoles, neededRoles } from '../knowledge/roles.ts';
import { deployed, inTemplate } from './support.ts';

const ASSIGNMENT = 'Microsoft.Authorization/roleAssignments';

const IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Principal ids of the identities by which the app works and its package is put in place, and whose they are. */
function principals({ resources }: Scenario): ReadonlyMap<unknown, Identity> {
  const [site] = resources.filter(({ active, type }) => active && type === 'Microsoft.Web/sites');
  const principalOf = (id: unknown) =>
    (deployedState(IDENTITY, String(id).split('/').at(-1) ?? '', {}, false) as { principalId: string })
      .principalId;
  const deployment = 'properties.functionAppConfig.deployment.storage.authentication';
  return new Map([
    [principalOf(at(site?.body, `${deployment}.userAssignedIdentityResourceId`)), 'the deployment'],
    // Last: where both are one, its roles are the app's.
    [principalOf(at(site?.body, 'properties.keyVaultReferenceIdentity')), 'the app'],
  ]);
}

/** Whose principal id an assignment takes. */
function identityOf({ declared, body }: Deployed, scenario: Scenario): Identity | undefined {
  const own = principals(scenario).get(at(body, 'properties.principalId'));
  if (own !== undefined) return own;
  const text = JSON.stringify(declared.properties ?? {});
  return /Microsoft\.EventGrid\/systemTopics/.test(text) ? 'Event Grid' : undefined;
}

const roleOf = ({ body }: Deployed): string =>
  knownRoles[
    String((body.properties as { roleDefinitionId?: string })?.roleDefinitionId)
      .split('/')
      .at(-1) ?? ''
  ] ?? 'an unknown role';

/** Each assignment in one line, its scope by type: `the app: Cognitive Services User on Microsoft.CognitiveServices/accounts`. */
function lineOf(assignment: Deployed, scenario: Scenario): string {
  const { resources } = scenario;
  const scope = String(assignment.body.scope ?? '').toLowerCase();
  const target = resources.find(({ id }) => id.toLowerCase().endsWith(`/providers/${scope}`));
  return `${identityOf(assignment, scenario) ?? 'somebody'}: ${roleOf(assignment)} on ${target?.type ?? 'something else'}`;
}

export const needed: Rule = {
  id: 'needed-roles',
  why: 'Without one of its roles the app is locked out of its own data; one more is a hole.',
  *check(context) {
    for (const scenario of context.scenarios) {
      const lines = scenario.resources
        .filter(({ active, type }) => active && type === ASSIGNMENT)
        .map((assignment) => lineOf(assignment, scenario));
      for (const { who, role, on } of neededRoles) {
        const targets = scenario.resources.filter(({ active, type }) => active && type === on.type);
        if (targets.length === 0) continue;
        const line = `${who}: ${role} on ${on.type}`;
        const wanted = on.each ? targets.length : 1;
        const found = lines.filter((one) => one === line).length;
        if (found < wanted)
          yield {
            path: inTemplate('resources'),
            problem: `${line}: assigned ${found} times, needed ${wanted}`,
            remedy: `Declare the role assignment. Seen with ${scenario.name}.`,
          };
      }
    }
    for (const { scenario, resource } of deployed(context, ASSIGNMENT)) {
      const line = lineOf(resource, scenario);
      if (!neededRoles.some(({ who, role, on }) => line === `${who}: ${role} on ${on.type}`))
        yield {
          path: inTemplate(resource.path),
          problem: `${line}: more than is needed`,
          remedy:
            'Take it out, or say in neededRoles of scripts/check-azure/knowledge/roles.ts what for, and in docs/deploy.md.',
        };
    }
  },
};
