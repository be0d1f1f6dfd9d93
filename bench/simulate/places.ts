import type { Demand } from './demand.ts';
import type { Resource } from './flow.ts';

/** Seconds of one processor, or of one worker of the engine, per image. */
interface Machine {
  processors: number;
  engineWorkers: number;
  engineSeconds: number;
  hostSeconds: number;
  storageSeconds: number;
}

/** Measured by `npm run bench` on two processors of a server (docs/benchmarks.md): images of the samples' kind. */
export const MEASURED: Machine = {
  processors: 2,
  engineWorkers: 1,
  engineSeconds: 0.275,
  hostSeconds: 0.116,
  storageSeconds: 0.038,
};

export const machine = (one: Machine): Resource[] => [
  { name: 'workers of the engine', perImage: one.engineSeconds, perSecond: one.engineWorkers },
  {
    name: 'processors',
    perImage: one.engineSeconds + one.hostSeconds + one.storageSeconds,
    perSecond: one.processors,
  },
];

interface Cloud {
  /** Calls a second that the accounts allow. */
  visionPerSecond: number;
  facePerSecond: number;
  /** Rows a second that the database takes. */
  savesPerSecond: number;
  /** Batches that are worked on at once: each is a partition of the journal. */
  batches: number;
  /** Executions at once of one instance (host.json: `batchSize` and `newBatchThreshold`), and how long one takes. */
  lanes: number;
  executionSeconds: number;
}

/**
 * Published limits of Azure Storage ("Scalability and performance targets", of Queue, Table and Blob storage): 2,000
 * messages of 1 KiB a second and queue, 2,000 entities of 1 KiB a second and partition, 20,000 requests a second and account.
 */
const PUBLISHED = { messagesPerSecond: 2000, entitiesPerSecond: 2000, requestsPerSecond: 20_000 };

/** Each step has a queue of its own, and an image is put, got and deleted once there. */
const MESSAGES_IN_A_QUEUE = 3;

export const cloud = (one: Cloud, demand: Demand): Resource[] => [
  { name: 'Computer Vision calls', perImage: demand.visionCalls, perSecond: one.visionPerSecond },
  { name: 'Face calls', perImage: demand.faceCalls, perSecond: one.facePerSecond },
  { name: 'rows of the database', perImage: demand.saves, perSecond: one.savesPerSecond },
  { name: 'messages of one queue', perImage: MESSAGES_IN_A_QUEUE, perSecond: PUBLISHED.messagesPerSecond },
  {
    // Not all of them go to the journal: it is the least there can be.
    name: 'partitions of the journal',
    perImage: demand.tableOperations,
    perSecond: PUBLISHED.entitiesPerSecond * one.batches,
  },
  {
    name: 'requests of the storage account',
    perImage: demand.queueOperations + demand.tableOperations + demand.blobOperations,
    perSecond: PUBLISHED.requestsPerSecond,
  },
  {
    name: 'instances',
    perImage: demand.executions * one.executionSeconds,
    perSecond: one.lanes,
    perInstance: true,
  },
];
