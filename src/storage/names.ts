/** Every container, queue and table the app uses that is not named after a step: the template and the data map check against this. */

export const containers = {
  /** Where people drop images; the virtual folder is the batch. Never written by the app. */
  input: 'inputimages',
  /** Working images of jobs whose original the services could not take, and originals copied in from allowed hosts. */
  renditions: 'renditions',
  /** Face crops, private. */
  faces: 'faces',
  /** Claim check: outputs and message parts too large for a table property or a queue message. */
  largeMessages: 'largemessages',
} as const;

/** Event Grid puts events here that it could not deliver: in Azure only, where the template makes it. */
export const UNDELIVERED_EVENTS = 'eventgrid-deadletters';

export const tables = {
  /** The journal: one row per job. */
  journal: 'pipelinelogs',
  /** Job id to batch: a job id is used once, whatever the batch. */
  jobIndex: 'jobindex',
  /** From a picture to its jobs, and from an image to the jobs whose outputs mention it. */
  jobLinks: 'joblinks',
  /** Which face owns which persisted face id in which list. */
  faceIndex: 'faceindex',
  /** The same of each other model of recognition, while it is in use or on its way to be. */
  faceIndexR03: 'faceindexr03',
  faceIndexI02: 'faceindexi02',
  /** One row: the model of recognition that is enrolled and searched with. */
  recognition: 'recognition',
  /** One row per vision service: when the next call is allowed, after a 429. */
  throttle: 'throttle',
  /** Messages that could not be worked on, with the reason. */
  deadLetters: 'deadletters',
  /** Perceptual hashes by band, of the step `duplicates`. */
  imageHashes: 'imagehashes',
  /** The terms of each batch: purpose, legal basis, expiry, and whether its faces may be matched. */
  batchSettings: 'batchsettings',
  /** Steps whose messages wait because a person said so. */
  pauses: 'pauses',
  /** Hashed ids of erased jobs: what must not come back. */
  tombstones: 'tombstones',
  /** Erasures: their receipts, and what those under way still have to do. */
  erasures: 'erasures',
  /** What timers keep: where the look for images whose event was lost goes on, and how many images were under way where. */
  reconcile: 'reconcile',
} as const;

/** Event Grid (or the local watcher) puts `BlobCreated` events here. */
export const EVENTS_QUEUE = 'inputimages-events';

/** The Functions host moves a message here after `maxDequeueCount` failures. */
export const poisonQueue = (queue: string): string => `${queue}-poison`;

/** The queues of an app that has these steps: the events first. */
export const workQueues = (steps: readonly string[]): string[] => [EVENTS_QUEUE, ...steps];

/** All its queues, each with the poison queue that the host makes of it. */
export const allQueues = (steps: readonly string[]): string[] =>
  workQueues(steps).flatMap((queue) => [queue, poisonQueue(queue)]);
