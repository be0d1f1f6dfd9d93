import { UNDELIVERED_EVENTS } from '../../../src/storage/names.ts';
import type { Code } from '../code.ts';
import type { Rule } from '../finding.ts';
import { inTemplate, lastName } from './support.ts';

const account = 'Microsoft.Storage/storageAccounts';

/** Containers that the platform uses, not the code. */
const platformContainers = ['deployments', UNDELIVERED_EVENTS];

const kinds = (code: Code) => [
  {
    type: `${account}/blobServices/containers`,
    what: 'container',
    wanted: [...code.containers, ...platformContainers],
  },
  { type: `${account}/queueServices/queues`, what: 'queue', wanted: code.queues },
  { type: `${account}/tableServices/tables`, what: 'table', wanted: code.tables },
];

export const storageNames: Rule = {
  id: 'storage-names',
  why: 'The app expects every container, queue and table it uses; one that nobody uses is data that nobody erases.',
  *check({ scenarios, code }) {
    for (const { name: scenario, resources } of scenarios)
      for (const { type, what, wanted } of kinds(code)) {
        const declared = resources.filter((resource) => resource.active && resource.type === type);
        const names = declared.map(lastName);
        for (const name of wanted)
          if (!names.includes(name))
            yield {
              path: inTemplate('resources'),
              problem: `the ${what} ${name} is used but not declared`,
              remedy: `Add it to the ${what}s of the template. Seen with ${scenario}.`,
            };
        for (const resource of declared)
          if (!wanted.includes(lastName(resource)))
            yield {
              path: inTemplate(resource.path),
              problem: `the ${what} ${lastName(resource)} is declared but nothing uses it`,
              remedy: 'Take it out, or correct the spelling.',
            };
      }
  },
};
