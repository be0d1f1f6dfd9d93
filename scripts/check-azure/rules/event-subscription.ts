import type { Deployed } from '../arm/expand.ts';
import type { Scenario } from '../arm/scenarios.ts';
import { at } from '../arm/template.ts';
import type { Code } from '../code.ts';
import type { Rule } from '../finding.ts';
import { deployed, inTemplate, lastName, shown } from './support.ts';

const TYPE = 'Microsoft.EventGrid/systemTopics/eventSubscriptions';
const delivery = 'properties.deliveryWithResourceIdentity';
const deadLetter = 'properties.deadLetterWithResourceIdentity';

/** The operations that end an upload. An event of any other would speak of a blob that is not complete. */
const completing = ['PutBlob', 'PutBlockList', 'CopyBlob', 'FlushWithClose'];

const declares = (scenario: Scenario, type: string, name: unknown) =>
  scenario.resources.some(
    (resource) => resource.active && resource.type === type && lastName(resource) === name,
  );

/** Path, whether it is right, and what it should be. */
function demands(body: Deployed['body'], code: Code, scenario: Scenario): [string, boolean, string][] {
  const is = (path: string, value: unknown): [string, boolean, string] => [
    path,
    JSON.stringify(at(body, path)) === JSON.stringify(value),
    `Write ${shown(value)}.`,
  ];
  const container = at(body, `${deadLetter}.deadLetterDestination.properties.blobContainerName`);
  return [
    is('properties.filter.includedEventTypes', ['Microsoft.Storage.BlobCreated']),
    is('properties.filter.subjectBeginsWith', `/blobServices/default/containers/${code.inputContainer}/`),
    is('properties.filter.advancedFilters', [
      { operatorType: 'StringIn', key: 'data.api', values: completing },
    ]),
    is(`${delivery}.identity.type`, 'SystemAssigned'),
    is(`${delivery}.destination.endpointType`, 'StorageQueue'),
    is(`${delivery}.destination.properties.queueName`, code.eventsQueue),
    is(`${delivery}.destination.properties.queueMessageTimeToLiveInSeconds`, -1),
    is(`${deadLetter}.identity.type`, 'SystemAssigned'),
    is(`${deadLetter}.deadLetterDestination.endpointType`, 'StorageBlob'),
    [
      `${deadLetter}.deadLetterDestination.properties.blobContainerName`,
      declares(scenario, 'Microsoft.Storage/storageAccounts/blobServices/containers', container),
      'Name a container that the template declares.',
    ],
  ];
}

export const eventSubscription: Rule = {
  id: 'event-subscription',
  why: 'An image is accepted when it is stored: its event must reach the queue, by identity, and must not expire there.',
  *check(context) {
    for (const scenario of context.scenarios) {
      if (scenario.resources.some((resource) => resource.active && resource.type === TYPE)) continue;
      yield {
        path: inTemplate('resources'),
        problem: 'no event subscription is deployed',
        remedy: `Declare one ${TYPE} without a condition. Seen with ${scenario.name}.`,
      };
    }
    for (const { scenario, resource } of deployed(context, TYPE))
      for (const [path, right, remedy] of demands(resource.body, context.code, scenario))
        if (!right)
          yield {
            path: inTemplate(resource.path, path),
            problem: `is ${shown(at(resource.body, path))}`,
            remedy,
          };
  },
};
