import type { Rule } from '../finding.ts';
import { inTemplate, shown } from './support.ts';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const parts = ['$schema', 'contentVersion', 'metadata', 'parameters', 'variables', 'resources', 'outputs'];

export const envelope: Rule = {
  id: 'envelope',
  why: 'Azure reads the schema to know the template language, and refuses parts it does not know.',
  *check({ template }) {
    if (template.$schema !== schema)
      yield {
        path: inTemplate('$schema'),
        problem: `is ${shown(template.$schema)}`,
        remedy: `Write ${schema}.`,
      };
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(String(template.contentVersion)))
      yield {
        path: inTemplate('contentVersion'),
        problem: `is ${shown(template.contentVersion)}`,
        remedy: 'Write four numbers: 1.0.0.0.',
      };
    for (const part of Object.keys(template))
      if (!parts.includes(part))
        yield {
          path: inTemplate(part),
          problem: 'is not a part of a template',
          remedy: `Use one of ${parts.join(', ')}.`,
        };
    if (template.resources.length === 0)
      yield { path: inTemplate('resources'), problem: 'is empty', remedy: 'Declare what is to be deployed.' };
  },
};
