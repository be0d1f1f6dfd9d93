/** Built-in roles that the app's or Event Grid's identity may be given; the ids are the same in every subscription. */
export const knownRoles: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a': 'Storage Queue Data Message Sender',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  'a97b65f3-24c7-4388-baec-2e87135dc908': 'Cognitive Services User',
  '9894cab4-e18a-44aa-828b-cb588cd6f2d7': 'Cognitive Services Face Recognizer',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

/** What each service's role assignments are made on: a role elsewhere gives nothing, or too much. */
export const roleScopes: Readonly<Record<string, RegExp>> = {
  Storage: /^Microsoft\.Storage\/storageAccounts\/[^/]+/,
  Cognitive: /^Microsoft\.CognitiveServices\/accounts\/[^/]+$/,
  Monitoring: /^Microsoft\.Insights\/components\/[^/]+$/,
};

/** `the deployment`: by which the platform writes and fetches the package; what the app itself does is done by another. */
export type Identity = 'the app' | 'the deployment' | 'Event Grid';

/** A role without which something does not work. */
interface NeededRole {
  readonly who: Identity;
  readonly role: string;
  /** On one resource of the type, or on each that is deployed. */
  readonly on: { readonly type: string; readonly each?: boolean };
}

const account = 'Microsoft.Storage/storageAccounts';

/** All role assignments there are: the table of docs/deploy.md. */
export const neededRoles: readonly NeededRole[] = [
  { who: 'the app', role: 'Storage Blob Data Owner', on: { type: account } },
  { who: 'the app', role: 'Storage Queue Data Contributor', on: { type: account } },
  { who: 'the app', role: 'Storage Table Data Contributor', on: { type: account } },
  { who: 'the app', role: 'Monitoring Metrics Publisher', on: { type: 'Microsoft.Insights/components' } },
  {
    who: 'the deployment',
    role: 'Storage Blob Data Contributor',
    on: { type: `${account}/blobServices/containers` },
  },
  {
    who: 'the app',
    role: 'Cognitive Services User',
    on: { type: 'Microsoft.CognitiveServices/accounts', each: true },
  },
  {
    who: 'Event Grid',
    role: 'Storage Queue Data Message Sender',
    on: { type: `${account}/queueServices/queues` },
  },
  {
    who: 'Event Grid',
    role: 'Storage Blob Data Contributor',
    on: { type: `${account}/blobServices/containers` },
  },
];
