import type { Rule } from '../finding.ts';
import { isSecure, misfit } from './parameters.ts';
import { shown } from './support.ts';

const FILE = 'azuredeploy.parameters.json';
const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#';

interface ParametersFile {
  readonly $schema?: string;
  readonly contentVersion?: string;
  readonly parameters?: Readonly<Record<string, { readonly value?: unknown }>>;
}

export const parametersFile: Rule = {
  id: 'parameters-file',
  why: 'Azure refuses a parameter that the template does not have or a value that it does not take; a secret in this file is public.',
  *check({ template, parametersFile: content }) {
    const file = (content ?? {}) as ParametersFile;
    if (file.$schema !== schema)
      yield { path: `${FILE} $schema`, problem: `is ${shown(file.$schema)}`, remedy: `Write ${schema}.` };
    if (!/^\d+(\.\d+){3}$/.test(file.contentVersion ?? ''))
      yield {
        path: `${FILE} contentVersion`,
        problem: `is ${shown(file.contentVersion)}`,
        remedy: 'Write four numbers: 1.0.0.0.',
      };
    for (const [name, entry] of Object.entries(file.parameters ?? {})) {
      const path = `${FILE} parameters.${name}`;
      const parameter = template.parameters[name];
      if (parameter === undefined)
        yield {
          path,
          problem: 'is not a parameter of the template',
          remedy: 'Correct the name, or take it out.',
        };
      else if (isSecure(parameter))
        yield { path, problem: 'is a secret in a file', remedy: 'Take it out and pass it when deploying.' };
      else {
        const wrong = misfit(parameter, entry.value);
        if (wrong !== undefined)
          yield {
            path: `${path}.value`,
            problem: `${shown(entry.value)} ${wrong}`,
            remedy: 'Correct the value.',
          };
      }
    }
  },
};
