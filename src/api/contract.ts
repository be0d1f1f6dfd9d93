/**
 * The contract of the HTTP API: every operation with its route, its role, and the shapes that go in and out. The
 * handlers, the OpenAPI document and the page are all held to it. Addresses for clients are in `routes.ts`.
 */
import * as common from './contract/common.ts';
import { accountabilityOperations } from './contract/operations/accountability.ts';
import { bulkOperations } from './contract/operations/bulk.ts';
import { calibrationOperations } from './contract/operations/calibration.ts';
import { enquiriesOperations } from './contract/operations/enquiries.ts';
import { facesOperations } from './contract/operations/faces.ts';
import { imagesOperations } from './contract/operations/images.ts';
import { modelOperations } from './contract/operations/models.ts';
import { peopleOperations } from './contract/operations/people.ts';
import { pipelineOperations } from './contract/operations/pipeline.ts';
import { sessionOperations } from './contract/operations/session.ts';
import { uploadsOperations } from './contract/operations/uploads.ts';

export type * from './contract/batches.ts';
export type * from './contract/bulk.ts';
export type * from './contract/calibration.ts';
export type * from './contract/candidates.ts';
export type * from './contract/common.ts';
export type * from './contract/enquiries.ts';
export type * from './contract/erasures.ts';
export type * from './contract/faces.ts';
export type * from './contract/images.ts';
export type * from './contract/models.ts';
export type { Binary, Operation } from './contract/operation.ts';
export type * from './contract/people.ts';
export type * from './contract/pipeline.ts';
export type * from './contract/status.ts';
export type * from './contract/trouble.ts';

export const problemSchema = common.problem;

/** Every operation, by name. Names of path parameters end up in the OpenAPI document. */
export const operations = {
  ...sessionOperations,
  ...imagesOperations,
  ...facesOperations,
  ...peopleOperations,
  ...uploadsOperations,
  ...pipelineOperations,
  ...bulkOperations,
  ...enquiriesOperations,
  ...calibrationOperations,
  ...modelOperations,
  ...accountabilityOperations,
} as const;

export type OperationName = keyof typeof operations;
