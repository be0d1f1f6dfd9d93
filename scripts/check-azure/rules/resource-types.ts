import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { resourceTypes } from '../knowledge/all-types.ts';
import { deployed, inTemplate, shown } from './support.ts';

export const resourceTypeRules: readonly Rule[] = [
  {
    id: 'resource-type',
    why: 'Azure refuses a type or an API version that it does not know.',
    *check({ template }) {
      for (const [index, { type, apiVersion }] of template.resources.entries()) {
        const known = resourceTypes[type];
        if (known === undefined)
          yield {
            path: inTemplate(`resources[${index}]`, 'type'),
            problem: `${shown(type)} is not known to this check`,
            remedy:
              'Correct the spelling (it matters), or describe the type in scripts/check-azure/knowledge.',
          };
        else if (!known.versions.includes(apiVersion))
          yield {
            path: inTemplate(`resources[${index}]`, 'apiVersion'),
            problem: `${type} has no version ${shown(apiVersion)} known to this check`,
            remedy: `Use one of ${known.versions.join(', ')}.`,
          };
      }
    },
  },
  {
    id: 'required-property',
    why: 'Azure refuses the resource without it, or makes another one than meant.',
    *check(context) {
      for (const { resource } of deployed(context))
        for (const path of resourceTypes[resource.type]?.required ?? []) {
          const value = at(resource.body, path);
          if (value === undefined || value === null || value === '')
            yield {
              path: inTemplate(resource.path, path),
              problem: `is missing in ${resource.type}`,
              remedy: 'Add it.',
            };
        }
    },
  },
  {
    id: 'allowed-value',
    why: 'Azure refuses any other value, though its published schemas allow it.',
    *check(context) {
      for (const { scenario, resource } of deployed(context)) {
        const known = resourceTypes[resource.type];
        for (const [path, values] of Object.entries(known?.allowed ?? {})) {
          const value = at(resource.body, path);
          if (value !== undefined && !values.includes(value))
            yield {
              path: inTemplate(resource.path, path),
              problem: `is ${shown(value)}`,
              remedy: `Use one of ${values.map(shown).join(', ')}. Seen with ${scenario.name}.`,
            };
        }
        for (const [path, [low, high]] of Object.entries(known?.range ?? {})) {
          const value = at(resource.body, path);
          if (value !== undefined && !(typeof value === 'number' && value >= low && value <= high))
            yield {
              path: inTemplate(resource.path, path),
              problem: `is ${shown(value)}`,
              remedy: `Use a number from ${low} to ${high}. Seen with ${scenario.name}.`,
            };
        }
      }
    },
  },
  {
    id: 'cognitive-sku',
    why: 'Computer Vision and Face have different price tiers.',
    *check(context) {
      const tiers: Record<string, readonly string[]> = {
        ComputerVision: ['F0', 'S1'],
        Face: ['F0', 'S0', 'E0'],
      };
      for (const { resource } of deployed(context, 'Microsoft.CognitiveServices/accounts')) {
        const [kind, sku] = [String(resource.body.kind), String(at(resource.body, 'sku.name'))];
        if (tiers[kind]?.includes(sku) === false)
          yield {
            path: inTemplate(resource.path, 'sku.name'),
            problem: `is ${sku}, which ${kind} does not have`,
            remedy: `Use one of ${tiers[kind].join(', ')}.`,
          };
      }
    },
  },
];
