import type { Deployed } from '../arm/expand.ts';
import type { Rule } from '../finding.ts';
import { knownRoles, roleScopes } from '../knowledge/roles.ts';
import { deployed, inTemplate } from './support.ts';

interface Assignment {
  readonly roleDefinitionId?: string;
}

const roleOf = (resource: Deployed): string =>
  ((resource.body.properties ?? {}) as Assignment).roleDefinitionId?.split('/').at(-1) ?? '';

export const roles: Rule = {
  id: 'role-assignment',
  why: 'A wrong id fails the deployment; a role that is too wide, or in the wrong place, is a hole that nobody sees.',
  *check(context) {
    for (const { scenario, resource } of deployed(context, 'Microsoft.Authorization/roleAssignments')) {
      const role = knownRoles[roleOf(resource)];
      const scope = String(resource.body.scope ?? '');
      if (role === undefined)
        yield {
          path: inTemplate(resource.path, 'properties.roleDefinitionId'),
          problem: `is ${roleOf(resource) || 'empty'}, no role known to this check`,
          remedy: 'Correct the id, or add the role to scripts/check-azure/knowledge/roles.ts with its name.',
        };
      else if (roleScopes[role.split(' ')[0] ?? '']?.test(scope) !== true)
        yield {
          path: inTemplate(resource.path, 'scope'),
          problem: `${role} is given on ${scope || 'the whole resource group'}`,
          remedy: "Give a role on its service's own resource.",
        };
      const target = scenario.resources.find(({ id }) =>
        id.toLowerCase().endsWith(`/providers/${scope}`.toLowerCase()),
      );
      if (scope !== '' && (target === undefined || !target.active))
        yield {
          path: inTemplate(resource.path, 'scope'),
          problem: 'names a resource that is not deployed',
          remedy: `Correct the scope, or give the assignment the condition of its resource. Seen with ${scenario.name}.`,
        };
      if ((resource.declared.comments ?? '').length < 20)
        yield {
          path: inTemplate(resource.path, 'comments'),
          problem: 'gives no reason for the role',
          remedy: 'Say in "comments" what the identity does with it.',
        };
      if (!/^\[guid\(/.test(resource.declared.name))
        yield {
          path: inTemplate(resource.path, 'name'),
          problem: 'is not computed',
          remedy: 'Write [guid(scope, identity, role)]: deploying again must find the same assignment.',
        };
    }
  },
};
