import { paths } from '../../routes.ts';
import * as batches from '../batches.ts';
import { files, type Operation } from '../operation.ts';

/** Photographs on their way in. */
export const uploadsOperations = {
  upload: {
    method: 'POST',
    path: paths.uploads,
    role: 'operator',
    summary: 'Takes photographs into a batch.',
    query: batches.uploadQuery,
    body: files,
    answer: batches.uploadAnswer,
  },
  uploadPlan: {
    method: 'POST',
    path: paths.uploadPlan,
    role: 'operator',
    summary: 'Says how a file that is too large for one request is sent, or that it need not be.',
    query: batches.uploadQuery,
    body: batches.uploadPlanBody,
    answer: batches.uploadPlan,
  },
  uploadBlock: {
    method: 'PUT',
    path: paths.uploadBlock,
    role: 'operator',
    summary: 'Takes one block of a large file, counted from 0; it may be sent again.',
    query: batches.uploadBlockQuery,
    body: { ...files, description: 'One file: the block, under the name of the whole' },
    answer: null,
  },
  uploadCommit: {
    method: 'POST',
    path: paths.uploadCommit,
    role: 'operator',
    summary: 'Takes the file whose blocks were sent into the batch.',
    query: batches.uploadQuery,
    body: batches.uploadCommitBody,
    answer: batches.uploadAnswer,
  },
} as const satisfies Record<string, Operation>;
